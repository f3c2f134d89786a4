"""A server that computes the Fibonacci numbers it is asked for: a process for each client.

    fib_server_processes.py PORT      serves for ever; port 0 chooses one and prints it
    fib_server_processes.py demo      answers three clients of its own
"""

import os
import signal
import socket
import sys


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def handle(client):
    with client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while request := client.recv(100):
            client.sendall(b"%d\n" % fib(int(request)))


def serve(listener, clients=-1):
    children = []
    while clients:
        clients -= 1
        client, _ = listener.accept()
        child = os.fork()
        if child == 0:
            listener.close()
            handle(client)
            os._exit(0)
        client.close()
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


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
            # Children that nobody waits for go away by themselves.
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            print(listener.getsockname()[1], flush=True)
            serve(listener)

# === args demo
# === stdout
# 55
# 610
# 6765
