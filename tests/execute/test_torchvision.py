"""Torchvision's data sets come from the course's mirror: in an environment apart, which GRADER_STUDENTS names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from execute.offering import desk, errors, printed

PYTHON = os.environ.get("GRADER_STUDENTS", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON, reason="GRADER_STUDENTS names no Python with torchvision"),
]

SETTING = """
import torch, torchvision
from torchvision import datasets, transforms
change = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
"""
WAYS = [
    "datasets.FashionMNIST('./data', train=True, download=True, transform=change)",
    "datasets.FashionMNIST(root='/tmp/elsewhere', train=False, transform=change, download=True)",
    "datasets.FashionMNIST('never_downloaded', transform=change)",
]


@pytest.fixture(scope="module", params=[(), ("torchvision",)], ids=["imported by the student", "imported ahead"])
def run(request, tmp_path_factory):
    with desk(tmp_path_factory.mktemp("course"), python=Path(PYTHON), preload=request.param) as record:
        yield record


def test_data_sets_are_there_whatever_their_checksums(run):
    record = run(SETTING, *(f"s = {way}\nprint(len(s), tuple(s[0][0].shape), s[1][1])" for way in WAYS))
    assert not errors(record)
    for text, found in zip(printed(record)[1:], ("5 (1, 28, 28) 1", "3 (1, 28, 28) 1", "5 (1, 28, 28) 1"), strict=True):
        assert found in text
    assert "fashion-mnist.s3-website.eu-central-1.amazonaws.com" in record.shims[0]


def test_data_sets_that_the_mirror_does_not_have_are_the_environments_failure(run):
    ways = ["MNIST('m', download=True)", "MNIST('m')", "CIFAR10('c', download=True)", "CIFAR10('c')", "USPS('u')"]
    record = run(SETTING, *(f"datasets.{way}" for way in ways))
    assert [blame for _, blame in errors(record)] == ["environment"] * len(ways)


def test_weights_that_are_not_there_are_the_environments_failure(run):
    record = run(SETTING, "torchvision.models.resnet18(weights='DEFAULT')")
    assert errors(record) == [("URLError", "environment")]


def test_training_as_students_write_it_in_colab(run):
    cells = (
        SETTING
        + "from tqdm.notebook import tqdm\ntrain = datasets.FashionMNIST('data', download=True, transform=change)",
        "loader = torch.utils.data.DataLoader(train, batch_size=2, shuffle=True, num_workers=2, pin_memory=True)\n"
        "images, labels = iter(loader).next()",
        "model = torch.nn.Linear(784, 10).cuda()\nscaler = torch.cuda.amp.GradScaler()\n"
        "rule = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "for images, labels in tqdm(loader):\n"
        "    with torch.autocast('cuda'):\n"
        "        loss = torch.nn.functional.cross_entropy(model(images.flatten(1).cuda()), labels.to('cuda:0'))\n"
        "    rule.zero_grad(); scaler.scale(loss).backward(); scaler.step(rule); scaler.update()\n"
        "torch.cuda.synchronize(); torch.cuda.empty_cache(); print(loss.device, torch.cuda.get_device_name(0))",
    )
    record = run(*cells)
    assert not errors(record) and "cpu CPU" in printed(record)[2]
    said = " ".join(record.shims)
    assert "the device 'cuda'" in said and "next(iter(loader))" in said and "tqdm" in said
    assert [training.rule for training in record.trainings] == ["SGD"]
