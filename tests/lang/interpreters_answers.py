# What concurrent.interpreters and its native modules answer, right and wrong arguments alike.
import pickle
import threading

from concurrent import interpreters
import _interpchannels
import _interpqueues
import _interpreters

i = interpreters.create()
q = interpreters.create_queue()
CASES = r"""
interpreters.Interpreter('0')
interpreters.Interpreter(-1)
interpreters.Interpreter(10**30)
interpreters.Interpreter(9999)
interpreters.Interpreter(True)
interpreters.Interpreter(i.id) is i
interpreters.Interpreter(1.5)
repr(i), str(i), hash(i)==hash(i.id)
i.id, i.whence, interpreters.get_main().whence
setattr(i,'id',5)
setattr(i,'spam',5)
i.exec(3)
i.exec(None)
i.exec(b'print(1)')
i.exec('1/')
i.exec('return')
i.exec(lambda: 1)
i.exec(lambda x: None)
i.exec(compile('1','x','eval'))
i.exec(compile('x=1','x','exec'))
i.exec('raise SystemExit')
i.exec('raise SystemExit(3)')
i.exec('raise KeyboardInterrupt')
i.exec('raise ValueError')
i.exec('raise ValueError("a\\nb")')
i.exec('raise ExceptionGroup("g",[ValueError(1)])')
i.exec('x +')
i.exec('\\0')
i.exec('\\ud800')
i.call(3)
i.call(None)
i.call(len)
i.call(len, 5)
i.call(len, [1,2])
i.call(print, file=1)
i.call(int, 'x')
i.call(dict, a=1)
i.call(eval, '1+1')
i.call(exec, 'zz=5') , i.call(eval, 'zz')
i.call(type, 1)
i.call(str.upper, 'a')
i.call([].append, 1)
i.call(sys.exit, 3)
i.call(i.close)
i.prepare_main()
i.prepare_main({})
i.prepare_main(None)
i.prepare_main(5)
i.prepare_main([('a',1)])
i.prepare_main({'a':1}, a=2), i.call(eval,'a')
i.prepare_main(x=[1])
i.prepare_main(x=1j)
i.prepare_main(x=2**70)
i.prepare_main(x={1})
i.prepare_main(x=q), i.call(eval, 'type(x).__name__')
i.prepare_main({1:2})
i.call_in_thread(len, 'a').join()
i.is_running(), interpreters.get_main().is_running()
interpreters.get_main().close()
interpreters.get_current().close()
interpreters.is_shareable(1j), interpreters.is_shareable(2**99), interpreters.is_shareable([]), interpreters.is_shareable(([],)), interpreters.is_shareable(q), interpreters.is_shareable(i), interpreters.is_shareable(frozenset()), interpreters.is_shareable(range(2)), interpreters.is_shareable(...), interpreters.is_shareable(bytearray()), interpreters.is_shareable(memoryview(b''))
pickle.loads(pickle.dumps(i)) is i
pickle.loads(pickle.dumps(q)) is q
interpreters.create_queue('1')
interpreters.create_queue(-3).maxsize
interpreters.create_queue(2.5)
interpreters.create_queue(10**30)
interpreters.create_queue(0, unbounditems=5)
interpreters.Queue(99)
interpreters.Queue('1')
q.get_nowait()
q.get(timeout=0)
q.get(block=False)
q.get(timeout=-1)
q.put(1), q.qsize(), q.empty(), q.full(), q.get()
interpreters.create_queue(1).put_nowait(1)
repr(q), q.id, q.maxsize, q.unbounditems
q.put(1, unbounditems=7)
q.put(lambda: 1), q.get()()
_interpreters.exec(i.id, 'x', None)
_interpreters.exec(i.id, 'x=1', 5)
_interpreters.exec('a', 'x')
_interpreters.run_string(i.id, 5)
_interpreters.run_func(i.id, 5)
_interpreters.call(i.id, len, [1])
_interpreters.call(i.id, len, (), 5)
_interpreters.create('nope')
_interpreters.create(5)
_interpreters.create('empty')
_interpreters.new_config('x')
_interpreters.new_config(gil='y')
_interpreters.new_config(gil=5)
_interpreters.new_config(spam=True)
_interpreters.new_config(allow_fork=1)
_interpreters.new_config('isolated', allow_fork=True)
_interpreters.destroy(0)
_interpreters.destroy(12345)
_interpreters.destroy(-1)
_interpreters.destroy('x')
_interpreters.is_running(12345)
_interpreters.whence(0), _interpreters.whence(i.id)
_interpreters.get_config(12345)
_interpreters.incref(12345)
_interpreters.capture_exception(5)
_interpreters.capture_exception()
_interpreters.capture_exception(ValueError('x'))
_interpqueues.create(5)
_interpqueues.create()
_interpqueues.destroy(99)
_interpqueues.put(99, 1)
_interpqueues.get(99)
_interpqueues.get('a')
_interpqueues.bind(99)
_interpqueues.release(99)
_interpqueues.get_maxsize(99)
_interpqueues.get_count(q.id), _interpqueues.is_full(q.id), _interpqueues.get_queue_defaults(q.id)
_interpchannels.create()
_interpchannels.send(99,1)
_interpchannels.recv(99)
_interpchannels.close(99)
_interpchannels.send(_interpchannels.create(), [1], blocking=False)
_interpchannels.recv(_interpchannels.create())
_interpchannels.recv(_interpchannels.create(), 7)
_interpchannels.get_info(_interpchannels.create())
_interpchannels.list_interpreters(_interpchannels.create(), send=True)
_interpchannels._channel_id(-1)
_interpchannels._channel_id('x')
_interpchannels.create(5)
interpreters.ExecutionFailed(5)
sorted(interpreters.__all__)
sorted(x for x in dir(_interpreters) if not x.startswith('__'))
sorted(x for x in dir(_interpqueues) if not x.startswith('__'))
i.close()
i.close()
i.exec('1')
_interpqueues.get_queue_defaults(_interpqueues.create(1)), _interpqueues.get_queue_defaults(_interpqueues.create(1, 2, 0))
_interpqueues.create(1, 9)
_interpqueues.create(1, -1, 5)
_interpqueues.put(_interpqueues.create(1, 3, 0), [1])
_interpqueues.put(q.id, [1], 3, 0)
_interpchannels.get_channel_defaults(_interpchannels.create()), _interpchannels.get_channel_defaults(_interpchannels.create(1, 0))
_interpchannels.create(1, 5)
_interpchannels.send(_interpchannels.create(3, 0), [1], blocking=False)
"""


def told(error):
    while error is not None:
        kind = type(error)
        yield f"{kind.__module__}.{kind.__qualname__}: {error}".split("\n")[0]
        error = error.__cause__


for case in CASES.strip().splitlines():
    try:
        print(case, "=>", repr(eval(case))[:150])
    except BaseException as error:
        print(case, "=>", " <- ".join(told(error))[:200])

# === stdout
# 1
# interpreters.Interpreter('0') => builtins.TypeError: id must be an int, got '0'
# interpreters.Interpreter(-1) => builtins.ValueError: interpreter ID must be a non-negative int, got -1
# interpreters.Interpreter(10**30) => builtins.OverflowError: int too big to convert
# interpreters.Interpreter(9999) => concurrent.interpreters.InterpreterNotFoundError: unrecognized interpreter ID 9999
# interpreters.Interpreter(True) => Interpreter(1)
# interpreters.Interpreter(i.id) is i => True
# interpreters.Interpreter(1.5) => builtins.TypeError: id must be an int, got 1.5
# repr(i), str(i), hash(i)==hash(i.id) => ('Interpreter(1)', 'Interpreter(1)', True)
# i.id, i.whence, interpreters.get_main().whence => (1, '_interpreters module', 'runtime init')
# setattr(i,'id',5) => builtins.AttributeError: property 'id' of 'Interpreter' object has no setter
# setattr(i,'spam',5) => None
# i.exec(3) => builtins.TypeError: unsupported script 3
# i.exec(None) => builtins.TypeError: unsupported script None
# i.exec(b'print(1)') => None
# i.exec('1/') => builtins.SyntaxError: invalid syntax (<script>, line 1)
# i.exec('return') => builtins.SyntaxError: 'return' outside function (<script>, line 1)
# i.exec(lambda: 1) => builtins.ValueError: code that returns a value is not a script
# i.exec(lambda x: None) => builtins.ValueError: code with args not supported
# i.exec(compile('1','x','eval')) => builtins.ValueError: code that returns a value is not a script
# i.exec(compile('x=1','x','exec')) => None
# i.exec('raise SystemExit') => concurrent.interpreters.ExecutionFailed: SystemExit: 
# i.exec('raise SystemExit(3)') => concurrent.interpreters.ExecutionFailed: SystemExit: 3
# i.exec('raise KeyboardInterrupt') => concurrent.interpreters.ExecutionFailed: KeyboardInterrupt: 
# i.exec('raise ValueError') => concurrent.interpreters.ExecutionFailed: ValueError: 
# i.exec('raise ValueError("a\\nb")') => concurrent.interpreters.ExecutionFailed: ValueError: a
# i.exec('raise ExceptionGroup("g",[ValueError(1)])') => concurrent.interpreters.ExecutionFailed: ExceptionGroup: g (1 sub-exception)
# i.exec('x +') => builtins.SyntaxError: invalid syntax (<script>, line 1)
# i.exec('\\0') => builtins.SyntaxError: unexpected character after line continuation character (<script>, line 1)
# i.exec('\\ud800') => builtins.SyntaxError: unexpected character after line continuation character (<script>, line 1)
# i.call(3) => builtins.TypeError: expected a callable, got 3
# i.call(None) => builtins.TypeError: expected a callable, got None
# i.call(len) => concurrent.interpreters.ExecutionFailed: TypeError: len() takes exactly one argument (0 given)
# i.call(len, 5) => concurrent.interpreters.ExecutionFailed: TypeError: object of type 'int' has no len()
# i.call(len, [1,2]) => 2
# i.call(print, file=1) => concurrent.interpreters.ExecutionFailed: AttributeError: 'int' object has no attribute 'write'
# i.call(int, 'x') => concurrent.interpreters.ExecutionFailed: ValueError: invalid literal for int() with base 10: 'x'
# i.call(dict, a=1) => {'a': 1}
# i.call(eval, '1+1') => 2
# i.call(exec, 'zz=5') , i.call(eval, 'zz') => (None, 5)
# i.call(type, 1) => <class 'int'>
# i.call(str.upper, 'a') => 'A'
# i.call([].append, 1) => None
# i.call(sys.exit, 3) => builtins.NameError: name 'sys' is not defined
# i.call(i.close) => concurrent.interpreters.ExecutionFailed: concurrent.interpreters.InterpreterError: cannot destroy the current interpreter
# i.prepare_main() => builtins.ValueError: arg 2 must be a non-empty dict
# i.prepare_main({}) => builtins.ValueError: arg 2 must be a non-empty dict
# i.prepare_main(None) => builtins.ValueError: arg 2 must be a non-empty dict
# i.prepare_main(5) => builtins.TypeError: 'int' object is not iterable
# i.prepare_main([('a',1)]) => None
# i.prepare_main({'a':1}, a=2), i.call(eval,'a') => (None, 2)
# i.prepare_main(x=[1]) => concurrent.interpreters.NotShareableError: [1] does not support cross-interpreter data
# i.prepare_main(x=1j) => concurrent.interpreters.NotShareableError: 1j does not support cross-interpreter data
# i.prepare_main(x=2**70) => concurrent.interpreters.NotShareableError: 1180591620717411303424 does not support cross-interpreter data <- builtins.OverflowError: try sending as bytes
# i.prepare_main(x={1}) => concurrent.interpreters.NotShareableError: {1} does not support cross-interpreter data
# i.prepare_main(x=q), i.call(eval, 'type(x).__name__') => (None, 'Queue')
# i.prepare_main({1:2}) => builtins.TypeError: bad argument type for built-in operation
# i.call_in_thread(len, 'a').join() => None
# i.is_running(), interpreters.get_main().is_running() => (False, True)
# interpreters.get_main().close() => concurrent.interpreters.InterpreterError: cannot destroy unrecognized interpreter 0
# interpreters.get_current().close() => concurrent.interpreters.InterpreterError: cannot destroy unrecognized interpreter 0
# interpreters.is_shareable(1j), interpreters.is_shareable(2**99), interpreters.is_shareable([]), interpreters.is_shareable(([],)), interpreters.is_shareable(q), interpreters.is_shareable(i), interpreters.is_shareable(frozenset()), interpreters.is_shareable(range(2)), interpreters.is_shareable(...), interpreters.is_shareable(bytearray()), interpreters.is_shareable(memoryview(b'')) => (False, True, False, True, True, False, False, False, False, False, True)
# pickle.loads(pickle.dumps(i)) is i => True
# pickle.loads(pickle.dumps(q)) is q => True
# interpreters.create_queue('1') => builtins.TypeError: 'str' object cannot be interpreted as an integer
# interpreters.create_queue(-3).maxsize => -3
# interpreters.create_queue(2.5) => builtins.TypeError: 'float' object cannot be interpreted as an integer
# interpreters.create_queue(10**30) => builtins.OverflowError: Python int too large to convert to C ssize_t
# interpreters.create_queue(0, unbounditems=5) => builtins.NotImplementedError: unsupported unbound replacement op 5
# interpreters.Queue(99) => concurrent.interpreters.QueueNotFoundError: queue 99 not found
# interpreters.Queue('1') => builtins.TypeError: id must be an int, got '1'
# q.get_nowait() => concurrent.interpreters._queues.QueueEmpty: queue 1 is empty
# q.get(timeout=0) => concurrent.interpreters._queues.QueueEmpty: queue 1 is empty
# q.get(block=False) => concurrent.interpreters._queues.QueueEmpty: queue 1 is empty
# q.get(timeout=-1) => builtins.ValueError: timeout value must be non-negative
# q.put(1), q.qsize(), q.empty(), q.full(), q.get() => (None, 1, False, False, 1)
# interpreters.create_queue(1).put_nowait(1) => None
# repr(q), q.id, q.maxsize, q.unbounditems => ('Queue(1)', 1, 0, concurrent.interpreters._queues.UNBOUND)
# q.put(1, unbounditems=7) => builtins.NotImplementedError: unsupported unbound replacement op 7
# q.put(lambda: 1), q.get()() => (None, 1)
# _interpreters.exec(i.id, 'x', None) => builtins.TypeError: _interpreters.exec() argument 3 must be dict, not None
# _interpreters.exec(i.id, 'x=1', 5) => builtins.TypeError: _interpreters.exec() argument 3 must be dict, not int
# _interpreters.exec('a', 'x') => builtins.TypeError: interpreter ID must be an int, got str
# _interpreters.run_string(i.id, 5) => builtins.TypeError: _interpreters.run_string() argument 2 must be str, not int
# _interpreters.run_func(i.id, 5) => builtins.TypeError: _interpreters.run_func() argument 2 must be a function, not int
# _interpreters.call(i.id, len, [1]) => builtins.TypeError: _interpreters.call() argument 3 must be tuple, not list
# _interpreters.call(i.id, len, (), 5) => builtins.TypeError: _interpreters.call() argument 4 must be dict, not int
# _interpreters.create('nope') => builtins.ValueError: unsupported config name 'nope'
# _interpreters.create(5) => builtins.TypeError: bad config 5
# _interpreters.create('empty') => concurrent.interpreters.InterpreterError: interpreter creation failed
# _interpreters.new_config('x') => builtins.ValueError: unsupported config name 'x'
# _interpreters.new_config(gil='y') => builtins.ValueError: unsupported interpreter config .gil value 'y'
# _interpreters.new_config(gil=5) => builtins.TypeError: invalid config type: gil
# _interpreters.new_config(spam=True) => builtins.ValueError: config dict has 1 extra item ({'spam': True})
# _interpreters.new_config(allow_fork=1) => builtins.TypeError: invalid config type: allow_fork
# _interpreters.new_config('isolated', allow_fork=True) => namespace(use_main_obmalloc=False, allow_fork=True, allow_exec=False, allow_threads=True, allow_daemon_threads=False, check_multi_interp_extensions=Tr
# _interpreters.destroy(0) => concurrent.interpreters.InterpreterError: cannot destroy the current interpreter
# _interpreters.destroy(12345) => concurrent.interpreters.InterpreterNotFoundError: unrecognized interpreter ID 12345
# _interpreters.destroy(-1) => builtins.ValueError: interpreter ID must be a non-negative int, got -1
# _interpreters.destroy('x') => builtins.TypeError: interpreter ID must be an int, got str
# _interpreters.is_running(12345) => concurrent.interpreters.InterpreterNotFoundError: unrecognized interpreter ID 12345
# _interpreters.whence(0), _interpreters.whence(i.id) => (1, 5)
# _interpreters.get_config(12345) => concurrent.interpreters.InterpreterNotFoundError: unrecognized interpreter ID 12345
# _interpreters.incref(12345) => concurrent.interpreters.InterpreterNotFoundError: unrecognized interpreter ID 12345
# _interpreters.capture_exception(5) => builtins.TypeError: expected exception, got 5
# _interpreters.capture_exception() => None
# _interpreters.capture_exception(ValueError('x')) => namespace(type=namespace(__name__='ValueError', __qualname__='ValueError', __module__='builtins'), msg='x', formatted='ValueError: x', errdisplay='Val
# _interpqueues.create(5) => 4
# _interpqueues.create() => builtins.TypeError: create() missing required argument 'maxsize' (pos 1)
# _interpqueues.destroy(99) => concurrent.interpreters.QueueNotFoundError: queue 99 not found
# _interpqueues.put(99, 1) => concurrent.interpreters.QueueNotFoundError: queue 99 not found
# _interpqueues.get(99) => concurrent.interpreters.QueueNotFoundError: queue 99 not found
# _interpqueues.get('a') => builtins.TypeError: queue ID must be an int, got str
# _interpqueues.bind(99) => concurrent.interpreters.QueueNotFoundError: queue 99 not found
# _interpqueues.release(99) => concurrent.interpreters.QueueNotFoundError: queue 99 not found
# _interpqueues.get_maxsize(99) => concurrent.interpreters.QueueNotFoundError: queue 99 not found
# _interpqueues.get_count(q.id), _interpqueues.is_full(q.id), _interpqueues.get_queue_defaults(q.id) => (0, False, (3, 1))
# _interpchannels.create() => ChannelID(0)
# _interpchannels.send(99,1) => _interpchannels.ChannelNotFoundError: channel 99 not found
# _interpchannels.recv(99) => _interpchannels.ChannelNotFoundError: channel 99 not found
# _interpchannels.close(99) => _interpchannels.ChannelNotFoundError: channel 99 not found
# _interpchannels.send(_interpchannels.create(), [1], blocking=False) => None
# _interpchannels.recv(_interpchannels.create()) => _interpchannels.ChannelEmptyError: channel 2 is empty
# _interpchannels.recv(_interpchannels.create(), 7) => (7, None)
# _interpchannels.get_info(_interpchannels.create()) => _interpchannels.ChannelInfo(open=True, closing=False, closed=False, count=0, num_interp_send=0, num_interp_send_released=0, num_interp_recv=0, num_int
# _interpchannels.list_interpreters(_interpchannels.create(), send=True) => []
# _interpchannels._channel_id(-1) => builtins.ValueError: channel ID must be a non-negative int, got -1
# _interpchannels._channel_id('x') => builtins.TypeError: channel ID must be an int, got str
# _interpchannels.create(5) => builtins.ValueError: unsupported unboundop 5
# interpreters.ExecutionFailed(5) => builtins.AttributeError: 'int' object has no attribute 'formatted'
# sorted(interpreters.__all__) => ['ExecutionFailed', 'Interpreter', 'InterpreterError', 'InterpreterNotFoundError', 'NotShareableError', 'Queue', 'QueueEmpty', 'QueueFull', 'create', 
# sorted(x for x in dir(_interpreters) if not x.startswith('__')) => ['CrossInterpreterBufferView', 'InterpreterError', 'InterpreterNotFoundError', 'NotShareableError', 'WHENCE_CAPI', 'WHENCE_LEGACY_CAPI', 'WHENCE_RUNTI
# sorted(x for x in dir(_interpqueues) if not x.startswith('__')) => ['QueueError', 'QueueNotFoundError', '_register_heap_types', 'bind', 'create', 'destroy', 'get', 'get_count', 'get_maxsize', 'get_queue_defaults', 'is
# i.close() => None
# i.close() => concurrent.interpreters.InterpreterNotFoundError: unrecognized interpreter ID 1
# i.exec('1') => concurrent.interpreters.InterpreterNotFoundError: unrecognized interpreter ID 1
# _interpqueues.get_queue_defaults(_interpqueues.create(1)), _interpqueues.get_queue_defaults(_interpqueues.create(1, 2, 0)) => ((3, 1), (2, 0))
# _interpqueues.create(1, 9) => builtins.ValueError: unsupported unboundop 9
# _interpqueues.create(1, -1, 5) => builtins.ValueError: unsupported fallback 5
# _interpqueues.put(_interpqueues.create(1, 3, 0), [1]) => concurrent.interpreters.NotShareableError: [1] does not support cross-interpreter data
# _interpqueues.put(q.id, [1], 3, 0) => concurrent.interpreters.NotShareableError: [1] does not support cross-interpreter data
# _interpchannels.get_channel_defaults(_interpchannels.create()), _interpchannels.get_channel_defaults(_interpchannels.create(1, 0)) => ((3, 1), (1, 0))
# _interpchannels.create(1, 5) => builtins.ValueError: unsupported fallback 5
# _interpchannels.send(_interpchannels.create(3, 0), [1], blocking=False) => concurrent.interpreters.NotShareableError: [1] does not support cross-interpreter data
