# Mette H., problems 1 and 3
import matplotlib.pyplot as plt
import torch
from torch import nn


def network():
    return nn.Sequential(nn.Linear(1, 64), nn.Sigmoid(), nn.Linear(64, 64), nn.Sigmoid(), nn.Linear(64, 1))


def fit(model, x, y, optimizer, epochs):
    for _ in range(epochs):
        order = torch.randperm(1000)
        for start in range(0, 1000, 128):
            rows = order[start:start + 128]
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x[rows]), y[rows]).backward()
            optimizer.step()


x = torch.randn(1000, 1)
y = (x - 2) * torch.cos(4 * x)
clean = network()
fit(clean, x, y, torch.optim.SGD(clean.parameters(), lr=0.1), 1000)

noisy = network()
fit(noisy, x, y + 0.5 * torch.randn(1000, 1), torch.optim.Adam(noisy.parameters(), lr=0.01), 200)

s = torch.linspace(-2, 2, 100).unsqueeze(1)
for model in (clean, noisy):
    plt.plot(s.flatten(), model(s).detach().flatten())
plt.show()
