# Hello world in another interpreter: run() executes its source in that interpreter's __main__, as exec() does in this one's.
import interpreters

interp = interpreters.create()
interp.run("print('Hello world!')")
interp.close()

# === stdout
# Hello world!
