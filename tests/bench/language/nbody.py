# The planets attract each other: floats in lists and attributes.
import sys
import time


class Body:
    def __init__(self, mass, position, velocity):
        self.mass = mass
        self.x, self.y, self.z = position
        self.vx, self.vy, self.vz = velocity


def bodies():
    return [
        Body(39.47, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        Body(0.037, (4.84, -1.16, -0.10), (0.60, 2.81, -0.02)),
        Body(0.011, (8.34, 4.12, -0.40), (-1.01, 1.82, 0.008)),
        Body(0.0017, (12.89, -15.11, -0.22), (1.08, 0.86, -0.010)),
        Body(0.0020, (15.37, -25.91, 0.17), (0.97, 0.59, -0.034)),
    ]


def advance(system, pairs, dt):
    for a, b in pairs:
        dx = a.x - b.x
        dy = a.y - b.y
        dz = a.z - b.z
        force = dt / (dx * dx + dy * dy + dz * dz) ** 1.5
        pull = b.mass * force
        a.vx -= dx * pull
        a.vy -= dy * pull
        a.vz -= dz * pull
        pull = a.mass * force
        b.vx += dx * pull
        b.vy += dy * pull
        b.vz += dz * pull
    for body in system:
        body.x += dt * body.vx
        body.y += dt * body.vy
        body.z += dt * body.vz


def energy(system, pairs):
    total = 0.0
    for body in system:
        total += body.mass * (body.vx**2 + body.vy**2 + body.vz**2) / 2.0
    for a, b in pairs:
        total -= a.mass * b.mass / ((a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2) ** 0.5
    return total


def main():
    system = bodies()
    pairs = [(a, b) for i, a in enumerate(system) for b in system[i + 1:]]
    before = energy(system, pairs)
    for _ in range(30_000):
        advance(system, pairs, 0.001)
    return f"{before:.7f} {energy(system, pairs):.7f}"


begin = time.perf_counter()
for _ in range(3):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
