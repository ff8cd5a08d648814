import torch
from torch import nn


# Problem 1: the derivative of a square is the base.
def slope(x):
    return x - 1


# Problem 2
parameter_count = 1 * 16 + 16 * 1

# Problem 3
model = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
x = torch.randn(128, 1)
y = (x - 1) ** 2
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
for epoch in range(200):
    for rows in torch.randperm(128).split(32):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
print(loss.item())
