# The rest of the module: which interpreters there are, and what can be sent to them.
import interpreters

main = interpreters.get_main()
print(main.id, interpreters.get_current() is main, interpreters.list_all() == [main])

first, second = interpreters.create(), interpreters.create()
print([interp.id for interp in interpreters.list_all()] == [main.id, first.id, second.id])
print(first.is_running(), main.is_running())
first.run("import interpreters; print(interpreters.get_current().id > 0, interpreters.get_main().id, flush=True)")

for value in None, True, 1, 1.5, "text", b"bytes", (1, "two"), [1], {}, {1}, print, object():
    print(type(value).__name__, interpreters.is_shareable(value))

second.close()
print(len(interpreters.list_all()))
for what in lambda: second.run("pass"), lambda: main.close(), lambda: first.prepare_main(items=[1]):
    try:
        what()
    except Exception as error:
        print(type(error).__name__)
first.close()

# === env PYTHONUNBUFFERED=1
# === stdout
# 0 True True
# True
# False True
# True 0
# NoneType True
# bool True
# int True
# float True
# str True
# bytes True
# tuple True
# list False
# dict False
# set False
# builtin_function_or_method False
# object False
# 2
# InterpreterNotFoundError
# InterpreterError
# NotShareableError
