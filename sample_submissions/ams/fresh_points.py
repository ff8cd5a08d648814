import matplotlib.pyplot as plt
import torch


def f(x):
    return (x - 2) * torch.cos(4 * x)


torch.manual_seed(3)
net = torch.nn.Sequential(
    torch.nn.Linear(1, 64), torch.nn.Sigmoid(),
    torch.nn.Linear(64, 64), torch.nn.Sigmoid(),
    torch.nn.Linear(64, 1),
)
sgd = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(1000):
    X = torch.randn(1000, 1)
    for batch in X.split(128):
        sgd.zero_grad()
        ((net(batch) - f(batch)) ** 2).mean().backward()
        sgd.step()

t = torch.linspace(-2.5, 2.5, 200)[:, None]
plt.plot(t, f(t))
plt.plot(t, net(t).detach())
plt.show()
