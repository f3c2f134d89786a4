"""Sockets: streams, datagrams, messages, time-outs, addresses, errors."""

import _socket
import array
import os
import socket
import threading


def attempt(text):
    try:
        print(text, "->", repr(eval(text)))
    except Exception as e:
        print(text, "->", type(e).__name__ + ":", e)


listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
server, address = listener.accept()
print(address == client.getsockname(), client.getpeername() == listener.getsockname())
file = server.makefile("rwb")
client.sendall(b"first\nsecond\n")
print(file.readline(), file.readline())
file.write(b"answer\n")
file.flush()
print(client.recv(100))
client.shutdown(socket.SHUT_WR)
print(file.read())

big = bytes(range(256)) * 20000
sender = threading.Thread(target=server.sendall, args=(big,))
sender.start()
got = bytearray()
while len(got) < len(big):
    got += client.recv(65536)
sender.join()
print(got == big)

a, b = socket.socketpair()
print(a.send(b"abc"), b.recv(2), b.recv(10, socket.MSG_PEEK), b.recvfrom(5))
room = bytearray(5)
print(a.sendmsg([b"ab", b"cd"]), b.recvmsg_into([room, memoryview(room)[3:]]), room)
reading, writing = os.pipe()
a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [writing]))])
data, ancillary, flags, _ = b.recvmsg(10, _socket.CMSG_SPACE(4))
print(data, [(level, kind) for level, kind, _ in ancillary], flags)
os.write(array.array("i", ancillary[0][2])[0], b"through a passed descriptor")
print(os.read(reading, 100))
a.settimeout(0.05)
attempt("a.recv(1)")
a.setblocking(False)
attempt("a.recv(1)")
print(a.gettimeout(), a.getblocking(), b.gettimeout())
a.close()
attempt("b.recv(5)")
attempt("b.sendall(b'x')")
attempt("a.recv(1)")
listener.settimeout(0.01)
attempt("listener.accept()")

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
    u.bind(("127.0.0.1", 0))
    print(u.sendto(b"hey", u.getsockname()), u.recvfrom(10)[0])
    u.connect(u.getsockname())
    print(u.send(b"z"), u.recvmsg(5)[:3])

s = _socket.socket()
for text in (
    "s.bind(5)",
    "s.bind(('a',))",
    "s.bind(('127.0.0.1', 'x'))",
    "s.bind(('127.0.0.1', 70000))",
    "s.bind((1, 2))",
    "s.connect_ex(('127.0.0.1', 1))",
    "s.recv(-1)",
    "s.send('a')",
    "s.recv_into(bytearray(2), 5)",
    "s.recv_into(b'ab')",
    "s.sendto(b'a')",
    "s.settimeout(-1)",
    "s.settimeout('a')",
    "s.getsockopt(1, 2)",
    "s.setsockopt(1, 2, 1)",
    "s.getsockopt(1, 2, 4)",
    "s.setsockopt(1, 2, 'a')",
    "s.sendmsg([b'a'], [(1, 2)])",
    "(s.family, s.type, s.proto)",
    "s.close()",
    "s.recv(1)",
    "_socket.socket(fileno=-1)",
    "_socket.socket(1).bind('a' * 200)",
    "_socket.socket(10).bind(('::1', 0, -1))",
    "_socket.getaddrinfo('127.0.0.1', 80, type=1)",
    "_socket.getaddrinfo('::1', 80, 0, 1)",
    "_socket.gethostbyname('<broadcast>')",
    "_socket.getnameinfo(('127.0.0.1', 80), 3)",
    "_socket.inet_pton(10, '::1')",
    "_socket.inet_ntop(2, b'abcd')",
    "_socket.inet_aton('x')",
    "_socket.htonl(1), _socket.htons(1)",
    "_socket.htons(70000)",
    "_socket.CMSG_LEN(5), _socket.CMSG_SPACE(5)",
    "_socket.gaierror.__mro__[1:3]",
):
    attempt(text)
for x in (file, server, client, listener, b):
    x.close()

# === stdout
# True True
# b'first\n' b'second\n'
# b'answer\n'
# b''
# True
# 3 b'ab' b'c' (b'c', None)
# 4 (4, [], 0, None) bytearray(b'abcd\x00')
# b'x' [(1, 1)] 0
# b'through a passed descriptor'
# a.recv(1) -> TimeoutError: timed out
# a.recv(1) -> BlockingIOError: [Errno 11] Resource temporarily unavailable
# 0.0 False None
# b.recv(5) -> b''
# b.sendall(b'x') -> BrokenPipeError: [Errno 32] Broken pipe
# a.recv(1) -> OSError: [Errno 9] Bad file descriptor
# listener.accept() -> TimeoutError: timed out
# 3 b'hey'
# 1 (b'z', [], 0)
# s.bind(5) -> TypeError: bind(): AF_INET address must be tuple, not int
# s.bind(('a',)) -> TypeError: AF_INET address must be a pair (host, port)
# s.bind(('127.0.0.1', 'x')) -> TypeError: 'str' object cannot be interpreted as an integer
# s.bind(('127.0.0.1', 70000)) -> OverflowError: bind(): port must be 0-65535.
# s.bind((1, 2)) -> TypeError: str, bytes or bytearray expected, not int
# s.connect_ex(('127.0.0.1', 1)) -> 111
# s.recv(-1) -> ValueError: negative buffersize in recv
# s.send('a') -> TypeError: a bytes-like object is required, not 'str'
# s.recv_into(bytearray(2), 5) -> ValueError: buffer too small for requested bytes
# s.recv_into(b'ab') -> TypeError: recv_into() argument 1 must be read-write bytes-like object, not bytes
# s.sendto(b'a') -> TypeError: sendto() takes 2 or 3 arguments (1 given)
# s.settimeout(-1) -> ValueError: Timeout value out of range
# s.settimeout('a') -> TypeError: 'str' object cannot be interpreted as an integer or float
# s.getsockopt(1, 2) -> 0
# s.setsockopt(1, 2, 1) -> None
# s.getsockopt(1, 2, 4) -> b'\x01\x00\x00\x00'
# s.setsockopt(1, 2, 'a') -> TypeError: a bytes-like object is required, not 'str'
# s.sendmsg([b'a'], [(1, 2)]) -> TypeError: [sendmsg() ancillary data items]() argument must be tuple of length 3, not 2
# (s.family, s.type, s.proto) -> (2, 1, 0)
# s.close() -> None
# s.recv(1) -> OSError: [Errno 9] Bad file descriptor
# _socket.socket(fileno=-1) -> ValueError: negative file descriptor
# _socket.socket(1).bind('a' * 200) -> OSError: AF_UNIX path too long
# _socket.socket(10).bind(('::1', 0, -1)) -> OverflowError: bind(): flowinfo must be 0-1048575.
# _socket.getaddrinfo('127.0.0.1', 80, type=1) -> [(2, 1, 6, '', ('127.0.0.1', 80))]
# _socket.getaddrinfo('::1', 80, 0, 1) -> [(10, 1, 6, '', ('::1', 80, 0, 0))]
# _socket.gethostbyname('<broadcast>') -> '255.255.255.255'
# _socket.getnameinfo(('127.0.0.1', 80), 3) -> ('127.0.0.1', '80')
# _socket.inet_pton(10, '::1') -> b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01'
# _socket.inet_ntop(2, b'abcd') -> '97.98.99.100'
# _socket.inet_aton('x') -> OSError: illegal IP address string passed to inet_aton
# _socket.htonl(1), _socket.htons(1) -> (16777216, 256)
# _socket.htons(70000) -> OverflowError: Python int too large for C uint16_t
# _socket.CMSG_LEN(5), _socket.CMSG_SPACE(5) -> (21, 24)
# _socket.gaierror.__mro__[1:3] -> (<class 'OSError'>, <class 'Exception'>)
