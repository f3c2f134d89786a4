# An interpreter keeps its state between runs, and shares none of it with others.
import interpreters

interp = interpreters.create()
interp.run("answer = 42")
interp.run("print(answer, flush=True)")

other = interpreters.create()
other.run("""
try:
    answer
except NameError as error:
    print("in the other one:", error, flush=True)
""")

answer = "mine"
interp.run("answer += 1; print(answer, flush=True)")
print(answer)
interp.close()
other.close()

# === env PYTHONUNBUFFERED=1
# === stdout
# 42
# in the other one: name 'answer' is not defined
# 43
# mine
