"""A server that computes the Fibonacci numbers it is asked for: an interpreter for each client, in a thread of its own.

    fib_server_interpreters.py PORT      serves for ever; port 0 chooses one and prints it
    fib_server_interpreters.py demo      answers three clients of its own
"""

import socket
import sys
from threading import Thread

import interpreters

SCRIPT = """
import socket

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def handle(descriptor):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=descriptor) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while request := client.recv(100):
            client.sendall(b"%d\\n" % fib(int(request)))
"""


def handle(client):
    interp = interpreters.create()
    interp.run(SCRIPT)
    interp.run(f"handle({client.detach()})")
    interp.close()


def serve(listener, clients=-1):
    threads = []
    while clients:
        clients -= 1
        client, _ = listener.accept()
        threads.append(Thread(target=handle, args=(client,), daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join()


def demo(listener):
    clients = [socket.create_connection(listener.getsockname()) for _ in range(3)]
    for n, client in zip((10, 15, 20), clients):
        client.sendall(b"%d\n" % n)
        client.shutdown(socket.SHUT_WR)
    serve(listener, len(clients))
    for client in clients:
        print(client.recv(100).decode(), end="")
        client.close()


if __name__ == "__main__":
    argument = sys.argv[1]
    with socket.create_server(("127.0.0.1", 0 if argument == "demo" else int(argument))) as listener:
        if argument == "demo":
            demo(listener)
        else:
            print(listener.getsockname()[1], flush=True)
            serve(listener)

# === args demo
# === stdout
# 55
# 610
# 6765
