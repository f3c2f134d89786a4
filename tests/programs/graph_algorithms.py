# Shortest paths, topological order, components, spanning trees: heapq, sets, generators.
import heapq
from collections import defaultdict, deque


class Graph:
    def __init__(self, edges, directed=False):
        self.edges = defaultdict(dict)
        for a, b, w in edges:
            self.edges[a][b] = w
            if directed:
                self.edges[b]
            else:
                self.edges[b][a] = w

    def __iter__(self):
        return iter(sorted(self.edges))

    def dijkstra(self, start):
        distance = {start: 0}
        previous = {}
        heap = [(0, start)]
        done = set()
        while heap:
            d, node = heapq.heappop(heap)
            if node in done:
                continue
            done.add(node)
            for other, w in self.edges[node].items():
                if other not in distance or d + w < distance[other]:
                    distance[other] = d + w
                    previous[other] = node
                    heapq.heappush(heap, (d + w, other))
        return distance, previous

    def path(self, start, end):
        distance, previous = self.dijkstra(start)
        if end not in distance:
            return None
        nodes = [end]
        while nodes[-1] != start:
            nodes.append(previous[nodes[-1]])
        return distance[end], nodes[::-1]

    def breadth_first(self, start):
        seen, queue = {start}, deque([start])
        while queue:
            yield (node := queue.popleft())
            for other in sorted(self.edges[node]):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)

    def depth_first(self, node, seen=None):
        seen = set() if seen is None else seen
        seen.add(node)
        yield node
        for other in sorted(self.edges[node]):
            if other not in seen:
                yield from self.depth_first(other, seen)

    def components(self):
        left = set(self)
        while left:
            part = set(self.breadth_first(min(left)))
            yield sorted(part)
            left -= part

    def topological(self):
        state, order = {}, []

        def visit(node):
            match state.get(node):
                case "open":
                    raise ValueError(f"cycle at {node}")
                case "done":
                    return
            state[node] = "open"
            for other in sorted(self.edges[node]):
                visit(other)
            state[node] = "done"
            order.append(node)

        for node in self:
            visit(node)
        return order[::-1]

    def spanning_tree(self):
        parent = {node: node for node in self}

        def find(x):
            while parent[x] != x:
                parent[x] = parent[parent[x]]
                x = parent[x]
            return x

        for w, a, b in sorted((w, a, b) for a in self for b, w in self.edges[a].items() if a < b):
            ra, rb = find(a), find(b)
            if ra != rb:
                parent[ra] = rb
                yield a, b, w


city = Graph([("A", "B", 4), ("A", "C", 2), ("C", "B", 1), ("B", "D", 5), ("C", "D", 8), ("D", "E", 3), ("X", "Y", 1)])
print(city.path("A", "E"), city.path("A", "Y"), city.dijkstra("A")[0])
print(list(city.breadth_first("A")), list(city.depth_first("A")), list(city.components()))
print(list(city.spanning_tree()), sum(w for *_, w in city.spanning_tree()))
build = Graph([("app", "lib", 1), ("lib", "core", 1), ("app", "core", 1), ("test", "app", 1)], directed=True)
print(build.topological())
build.edges["core"]["app"] = 1
try:
    build.topological()
except ValueError as error:
    print(error)

# === stdout
# (11, ['A', 'C', 'B', 'D', 'E']) None {'A': 0, 'B': 3, 'C': 2, 'D': 8, 'E': 11}
# ['A', 'B', 'C', 'D', 'E'] ['A', 'B', 'C', 'D', 'E'] [['A', 'B', 'C', 'D', 'E'], ['X', 'Y']]
# [('B', 'C', 1), ('X', 'Y', 1), ('A', 'C', 2), ('D', 'E', 3), ('B', 'D', 5)] 12
# ['test', 'app', 'lib', 'core']
# cycle at app
