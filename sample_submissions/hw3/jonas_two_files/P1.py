# Jonas Weber, Problem 1
import torch
from torch import nn
import matplotlib.pyplot as plt

torch.manual_seed(4)


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 64)
        self.linear2 = nn.Linear(64, 64)
        self.linear3 = nn.Linear(64, 1)
        for l in [self.linear, self.linear2, self.linear3]:
            l.weight.data = torch.normal(0, 1, l.weight.shape)
            l.bias.data = torch.full(l.bias.shape, 0.03)

    def forward(self, x):
        x = nn.functional.sigmoid(self.linear(x))
        x = nn.functional.sigmoid(self.linear2(x))
        return self.linear3(x)


x_train = torch.normal(0, 1, (512, 1))
y_train = (x_train - 2) * torch.cos(4 * x_train)
model = MLP()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(1000):
    perm = torch.randperm(512)
    for i in range(0, 512, 128):
        b = perm[i:i + 128]
        opt.zero_grad()
        loss = torch.sum((model(x_train[b]) - y_train[b]) ** 2) / 2 / 128
        loss.backward()
        opt.step()

plot_x = torch.linspace(-2, 2, 1000)
plt.plot(plot_x, (plot_x - 2) * torch.cos(4 * plot_x))
plt.plot(plot_x, model(plot_x.unsqueeze(1)).detach().squeeze())
plt.show()
