"""The paper's notebook in PyTorch: milliseconds a step of K instances. eager.py K N D BATCH THREADS STEPS ABSOLUTE."""
import sys
import time

import torch

instances, n, d, batch, threads, steps, absolute = (int(argument) for argument in sys.argv[1:8])
torch.set_num_threads(threads)
torch.manual_seed(1)
density = (20 ** -torch.linspace(0, 1, instances))[:, None, None] if not absolute else torch.tensor(0.03)
deviation = (2 / (n + d)) ** 0.5
w = torch.nn.Parameter(torch.randn(instances, n, d) * deviation)
u = torch.nn.Parameter(torch.randn(instances, n, d) * deviation) if absolute else w
b = torch.nn.Parameter(torch.zeros(instances, n))
optimizer = torch.optim.AdamW([w, u, b] if absolute else [w, b], lr=1e-3, weight_decay=0)


def step():
    values = torch.rand(instances, batch, n)
    if absolute:
        values = values * 2 - 1
    x = torch.where(torch.rand(instances, batch, n) <= density, values, torch.zeros(1))
    h = x @ w
    if absolute:
        h = h.relu()
    y = (h @ u.transpose(1, 2) + b[:, None]).relu()
    loss = (((x.abs() if absolute else x) - y) ** 2).sum(2).mean(1).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


for _ in range(max(20, steps // 4)):
    step()
times = []
for _ in range(5):
    start = time.perf_counter()
    for _ in range(steps):
        step()
    times.append((time.perf_counter() - start) / steps * 1000)
print(sorted(times)[2])
