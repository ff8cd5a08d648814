# Problem 3
import numpy as np
import matplotlib.pyplot as plt
import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.2860,), (0.3530,))])
train_set = datasets.FashionMNIST("./data", train=True, download=True, transform=transform)
test_set = datasets.FashionMNIST("./data", train=False, download=True, transform=transform)
train_loader = DataLoader(train_set, batch_size=64, shuffle=True, num_workers=2)
test_loader = DataLoader(test_set, batch_size=1000, shuffle=False)
print(len(train_set), train_set.classes)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(28 * 28, 256)
        self.fc2 = nn.Linear(256, 128)
        self.fc3 = nn.Linear(128, 64)
        self.fc4 = nn.Linear(64, 10)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.flatten(x)
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        x = self.relu(self.fc3(x))
        return self.fc4(x)


model = Net().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

train_losses, test_losses = [], []
for epoch in range(6):
    model.train()
    running = 0.0
    for images, labels in train_loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        running += loss.item()
    train_losses.append(running / len(train_loader))
    model.eval()
    total, correct = 0.0, 0
    with torch.no_grad():
        for images, labels in test_loader:
            images, labels = images.to(device), labels.to(device)
            out = model(images)
            total += criterion(out, labels).item()
            correct += (out.argmax(1) == labels).sum().item()
    test_losses.append(total / len(test_loader))
    print(f"Epoch {epoch + 1}: train loss {train_losses[-1]:.4f}, test loss {test_losses[-1]:.4f}, test acc {100 * correct / len(test_set):.2f}%")

plt.plot(train_losses, label="Train")
plt.plot(test_losses, label="Test")
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.show()

fig, ax = plt.subplots(3, 2, figsize=(8, 9))
for row, index in enumerate(np.random.choice(len(test_set), 3, replace=False)):
    image, label = test_set[index]
    with torch.no_grad():
        probs = torch.softmax(model(image.unsqueeze(0).to(device)), dim=1).cpu().numpy().squeeze()
    ax[row, 0].imshow(image.squeeze(), cmap="gray")
    ax[row, 0].set_title(test_set.classes[label])
    ax[row, 1].barh(range(10), probs)
    ax[row, 1].set_yticks(range(10))
    ax[row, 1].set_yticklabels(test_set.classes)
plt.tight_layout()
plt.show()
# Observation: the network is nearly always sure about trousers and bags, and hesitates between shirts, pullovers and coats.
