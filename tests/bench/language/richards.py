# A small operating system: tasks of several kinds exchange packets under a scheduler by priority.
import sys
import time


class Packet:
    def __init__(self, kind, target):
        self.kind = kind
        self.target = target
        self.payload = [0, 0, 0, 0]
        self.reply = None


class Task:
    def __init__(self, system, name, priority):
        self.system = system
        self.name = name
        self.priority = priority
        self.inbox = []
        self.waiting = False
        self.runs = 0

    def ready(self):
        return bool(self.inbox) or not self.waiting

    def deliver(self, packet):
        self.inbox.append(packet)
        self.waiting = False

    def run(self):
        self.runs += 1
        if self.inbox:
            self.handle(self.inbox.pop(0))
        else:
            self.idle()

    def idle(self):
        self.waiting = True


class Idler(Task):
    def __init__(self, system, name, priority, rounds):
        super().__init__(system, name, priority)
        self.rounds = rounds
        self.state = 1

    def handle(self, packet):
        self.system.returned += 1

    def idle(self):
        self.rounds -= 1
        if self.rounds <= 0:
            self.waiting = True
            self.system.stop()
            return
        self.state = (self.state >> 1) ^ 0xD008 if self.state & 1 else self.state >> 1
        if self.rounds % 4 == 0:
            packet = Packet("work", "worker")
            packet.reply = self.name
            self.system.send(packet)


class Worker(Task):
    def __init__(self, system, name, priority):
        super().__init__(system, name, priority)
        self.letter = 0
        self.toggle = False

    def handle(self, packet):
        self.toggle = not self.toggle
        for i in range(len(packet.payload)):
            self.letter = self.letter % 26 + 1
            packet.payload[i] = self.letter
        packet.target = "disk" if self.toggle else "net"
        self.system.send(packet)


class Device(Task):
    def __init__(self, system, name, priority):
        super().__init__(system, name, priority)
        self.held = None
        self.sum = 0

    def handle(self, packet):
        self.sum += sum(packet.payload)
        if self.held is not None:
            held, self.held = self.held, packet
            held.target = held.reply
            self.system.send(held)
        else:
            self.held = packet


class System:
    def __init__(self, rounds):
        self.tasks = {}
        self.order = []
        self.running = True
        self.sent = 0
        self.returned = 0
        for task in (
            Idler(self, "idler", 0, rounds),
            Worker(self, "worker", 10),
            Device(self, "disk", 20),
            Device(self, "net", 30),
        ):
            self.tasks[task.name] = task
            self.order.append(task)
        self.order.sort(key=lambda task: -task.priority)

    def send(self, packet):
        self.sent += 1
        self.tasks[packet.target].deliver(packet)

    def stop(self):
        self.running = False

    def run(self):
        while self.running:
            for task in self.order:
                if task.ready():
                    task.run()
                    break


def main():
    system = System(230_000)
    system.run()
    return system.sent, system.returned, [task.runs for task in system.order], system.tasks["disk"].sum


begin = time.perf_counter()
for _ in range(1):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
