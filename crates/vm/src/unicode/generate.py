"""Writes tables.bin, the character database in the form that mod.rs reads.

Run it with a CPython whose `unicodedata.unidata_version` is the one wanted (16.0.0 for Python 3.14):

    python3.14 crates/vm/src/unicode/generate.py

Layout (little endian): seven u32 counts/offsets, then the sections, each aligned to 4 bytes:
  0 stage1 u16[0x110000 >> 7], 1 stage2 u16[], 2 records (24 bytes each), 3 specials (u32 words), 4 numerics (u32 code
  point, f64 bits as two u32), 5 decomposition index (u32 code point, u32 offset), 6 decomposition text (u8 length, ASCII).
A record: u32 flags; u8 category, bidirectional, combining, east asian width; u8 decimal (255: none), u8 digit (255: none),
u16 padding; i32 lower; i32 upper; i32 title: differences to the code point, or with the flag SPECIAL the index of a special:
words `n_lower n_upper n_title n_fold` packed in one u32, then the code points of each.
"""
import os
import struct
import sys
import unicodedata as u

CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co".split()
BIDI = ["", "L", "LRE", "LRO", "R", "AL", "RLE", "RLO", "PDF", "EN", "ES", "ET", "AN", "CS", "NSM", "BN", "B", "S", "WS",
        "ON", "LRI", "RLI", "FSI", "PDI"]
WIDTHS = ["N", "A", "H", "F", "Na", "W"]
(ALPHA, DECIMAL, DIGIT, NUMERIC, LOWER, UPPER, TITLE, CASED, IGNORABLE, XID_START, XID_CONTINUE, PRINTABLE, SPACE, LINEBREAK,
 MIRRORED, SPECIAL) = (1 << i for i in range(16))

records, record_list, specials, numerics, decomp_index = {}, [], [], [], []
decomp_text, decomp_seen = bytearray(), {}
indices = []
for cp in range(0x110000):
    c = chr(cp)
    flags = 0
    for bit, test in ((ALPHA, c.isalpha()), (DECIMAL, c.isdecimal()), (DIGIT, c.isdigit()), (NUMERIC, c.isnumeric()),
                      (LOWER, c.islower()), (UPPER, c.isupper()), (TITLE, u.category(c) == "Lt"),
                      (XID_START, c.isidentifier()), (XID_CONTINUE, ("a" + c).isidentifier()),
                      (PRINTABLE, c.isprintable()), (SPACE, c.isspace()), (LINEBREAK, len((c + "a").splitlines()) == 2),
                      (MIRRORED, u.mirrored(c))):
        if test:
            flags |= bit
    if flags & (LOWER | UPPER | TITLE):
        flags |= CASED
    if ("a\u03a3" + c + "a").lower()[1] == "\u03c3" and ("a\u03a3" + c).lower()[1] == "\u03c2":
        flags |= IGNORABLE
    low, up, title, fold = c.lower(), c.upper(), c.title(), c.casefold()
    if cp == 0x3a3:
        low = "\u03c3"
    if len(low) == len(up) == len(title) == len(fold) == 1 and fold == low:
        deltas = (ord(low) - cp, ord(up) - cp, ord(title) - cp)
    else:
        flags |= SPECIAL
        deltas = (len(specials), 0, 0)
        specials.append(len(low) | len(up) << 8 | len(title) << 16 | len(fold) << 24)
        specials.extend(map(ord, low + up + title + fold))
    decimal, digit, number = u.decimal(c, 255), u.digit(c, 255), u.numeric(c, None)
    if number is not None and digit == 255:
        numerics.append((cp, number))
    decomposition = u.decomposition(c)
    if decomposition and not 0xac00 <= cp < 0xd7a4:
        text = decomposition.encode()
        if text not in decomp_seen:
            decomp_seen[text] = len(decomp_text)
            decomp_text += bytes([len(text)]) + text
        decomp_index.append((cp, decomp_seen[text]))
    record = struct.pack("<IBBBBBBHiii", flags, CATEGORIES.index(u.category(c)), BIDI.index(u.bidirectional(c)),
                         u.combining(c), WIDTHS.index(u.east_asian_width(c)), decimal, digit, 0, *deltas)
    if record not in records:
        records[record] = len(record_list)
        record_list.append(record)
    indices.append(records[record])

blocks, stage1, stage2 = {}, [], []
for start in range(0, 0x110000, 128):
    block = tuple(indices[start:start + 128])
    if block not in blocks:
        blocks[block] = len(blocks)
        stage2.extend(block)
    stage1.append(blocks[block])

sections = [struct.pack(f"<{len(stage1)}H", *stage1), struct.pack(f"<{len(stage2)}H", *stage2), b"".join(record_list),
            struct.pack(f"<{len(specials)}I", *specials),
            b"".join(struct.pack("<Id", cp, n) for cp, n in numerics),
            b"".join(struct.pack("<II", *pair) for pair in decomp_index), bytes(decomp_text)]
sections = [s + b"\0" * (-len(s) % 4) for s in sections]
at, offsets = 32, []
for section in sections:
    offsets.append(at)
    at += len(section)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tables.bin")
with open(path, "wb") as out:
    out.write(struct.pack("<8I", *offsets, at))
    out.write(b"".join(sections))
print(u.unidata_version, len(record_list), "records", len(blocks), "blocks", len(specials), "special words",
      len(numerics), "numerics", at, "bytes", [len(s) for s in sections], file=sys.stderr)
