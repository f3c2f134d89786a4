# textwrap, string and datetime of the library.
import textwrap, string, datetime

print(textwrap.dedent("  a\n  b"), textwrap.fill("some words to wrap here", 10), string.ascii_lowercase[:3], string.Template("$a").substitute(a=1))
print(datetime.date(2026, 11, 24) - datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 2, 3, 4, 5).isoformat(), datetime.timedelta(hours=30), datetime.date(2024, 2, 29).strftime("%Y %j %a"))

# === stdout
# a
# b some words
# to wrap
# here abc 1
# 327 days, 0:00:00 2026-01-02T03:04:05 1 day, 6:00:00 2024 060 Thu
