"""The hashes of `hashlib`, their parameters and their errors."""

import _blake2
import _md5
import _sha3
import hashlib
import hmac


def attempt(text):
    try:
        print(text, "->", eval(text))
    except Exception as e:
        print(text, "->", type(e).__name__ + ":", e)


for name in sorted(hashlib.algorithms_guaranteed):
    length = (10,) if "shake" in name else ()
    h = hashlib.new(name, b"abc" * 1000)
    other = h.copy()
    other.update(memoryview(b"more"))
    print(h.name, h.digest_size, h.block_size, h.hexdigest(*length)[:24], other.hexdigest(*length)[:24])
print(hashlib.sha256(b"x" * 10**6).hexdigest(), hmac.new(b"k", b"m", "sha256").hexdigest())
for text in (
    "_md5.md5('a')",
    "_md5.md5(5)",
    "_md5.md5(data=b'a', string=b'b')",
    "_sha3.shake_128(b'').digest(-1)",
    "_sha3.shake_128(b'').hexdigest(5)",
    "_blake2.blake2b(b'a', digest_size=65)",
    "_blake2.blake2b(b'a', key=b'a' * 65)",
    "_blake2.blake2b(b'a', salt=b'a' * 17)",
    "_blake2.blake2b(b'a', depth=0)",
    "_blake2.blake2s(b'a', node_offset=2**48)",
    "_blake2.blake2b(b'a', key=b'k', salt=b's', person=b'p', digest_size=20, fanout=2, depth=3, leaf_size=4,"
    " node_offset=5, node_depth=6, inner_size=7, last_node=True).hexdigest()",
    "hashlib.new('nothing')",
):
    attempt(text)

# === stdout
# blake2b 64 128 c8927a5469131bcab3b310f9 f2787f5483b5b92a6c1a3471
# blake2s 32 64 ea1e510ed04b52f0de0b769a 4fcce80b611d3d6eab18bc45
# md5 16 64 8f33d0ecfe648a745b169baf 302a00f42018a4b6f3435c1b
# sha1 20 64 053b4dd5a9642608cc0b599e a3a64d5694f7ab4cde71dd57
# sha224 28 64 47a7dc87b449adbf4682e7d1 87929bc29dbcd09bf97cde7d
# sha256 32 64 328de8f1895f8bb09f6e6b4c 21809e8635f618661b0db7a8
# sha384 48 128 a1fa5bbc3c988c6f18ca7e90 56ba1cbc3f34024022898b18
# sha3_224 28 144 793d28e60ca4c0bbdaf560f3 964213afa6c1b3b4f11fd740
# sha3_256 32 136 7a025f2f234fc3ffadc473b1 decff3f5fae60bc03df6bbdd
# sha3_384 48 104 f81efc8cafbc43d3cd759c2e 2889badc295ddcf9390f08b0
# sha3_512 64 72 c390a65a58827626a0036925 bcf538dde451fa53bed461ad
# sha512 64 128 14e615e6e7d4cf8cc75df5f4 0d960cb1182c15685dbcae89
# shake_128 0 168 47c9f4ec3d6cd58ff15c 6c17dabac17da83d654c
# shake_256 0 136 47d5163ab4a03ae0fbf3 a56e4694dc87cee3bfbc
# 1b977e9f84f1b26b6ed7f68b0498faee2385ea4125bd29adce4a7d9106ba3134 b60090e3052297aeb5a080889ce2fc4bca957e756faeb4df7d31800ca1e771ec
# _md5.md5('a') -> TypeError: Strings must be encoded before hashing
# _md5.md5(5) -> TypeError: object supporting the buffer API required
# _md5.md5(data=b'a', string=b'b') -> TypeError: 'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version.
# _sha3.shake_128(b'').digest(-1) -> ValueError: Cannot convert negative int
# _sha3.shake_128(b'').hexdigest(5) -> 7f9c2ba4e8
# _blake2.blake2b(b'a', digest_size=65) -> ValueError: digest_size for Blake2b must be between 1 and 64 bytes, here it is 65
# _blake2.blake2b(b'a', key=b'a' * 65) -> ValueError: maximum key length is 64 bytes
# _blake2.blake2b(b'a', salt=b'a' * 17) -> ValueError: maximum salt length is 16 bytes
# _blake2.blake2b(b'a', depth=0) -> ValueError: depth must be between 1 and 255
# _blake2.blake2s(b'a', node_offset=2**48) -> OverflowError: node_offset is too large
# _blake2.blake2b(b'a', key=b'k', salt=b's', person=b'p', digest_size=20, fanout=2, depth=3, leaf_size=4, node_offset=5, node_depth=6, inner_size=7, last_node=True).hexdigest() -> 95156229da8a286a94c6c826757f99f9c57a2575
# hashlib.new('nothing') -> ValueError: unsupported hash type nothing
