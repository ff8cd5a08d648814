# Problem 1 and 2, B. Lindqvist
import math
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
import matplotlib.pyplot as plt
from sklearn.metrics import mean_squared_error

torch.manual_seed(2024)


def build():
    net = nn.Sequential(nn.Linear(1, 64), nn.Sigmoid(), nn.Linear(64, 64), nn.Sigmoid(), nn.Linear(64, 1))
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight)
    return net


def main():
    X = torch.normal(0, 1, (1000,))
    y = (X - 2) * torch.cos(4 * X)
    data = DataLoader(TensorDataset(X.unsqueeze(1), y.unsqueeze(1)), batch_size=128, shuffle=True, drop_last=True)
    net = build()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    criterion = nn.MSELoss()
    for _ in range(1000):
        for xb, yb in data:
            opt.zero_grad()
            (criterion(net(xb), yb) / 2).backward()
            opt.step()
    xs = np.linspace(-2.5, 2.5, 251)
    with torch.no_grad():
        ys = net(torch.tensor(xs, dtype=torch.float32).unsqueeze(1)).squeeze().numpy()
    plt.plot(xs, (xs - 2) * np.cos(4 * xs), "k", xs, ys, "r--")
    plt.savefig("fit.png")
    print("trainable parameters:", sum(math.prod(p.shape) for p in net.parameters()))
    return net


if __name__ == "__main__":
    main()
