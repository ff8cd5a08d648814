# Two commands do everything on a fresh machine; both are safe to repeat.
#   make demo   set up, grade sample_submissions/hw3, say where the report is
#   make test   set up, run the linters, the type checker and the tests (with CI=true the slow ones too)
# A third one, for root on Debian, tests what is uploaded to Gradescope and the image for everybody in real containers:
#   make gradescope
# For code that needs torchvision there is an environment of its own, of about 6 GB (then make test uses it too):
#   make students

PYTHON  ?= python3
VENV    ?= .venv
STUDENTS ?= .venv-students
# nproc would take OMP_NUM_THREADS for the number of processors.
JOBS    ?= $(shell env -u OMP_NUM_THREADS nproc 2>/dev/null || echo 2)
# Where to take torch from, if not from pip's own index: make demo TORCH_INDEX=https://…
TORCH_INDEX ?=
PIP     := $(VENV)/bin/python -m pip --quiet --disable-pip-version-check
# The tests in containers count seconds and memory, so they are run alone: make gradescope.
IN_CONTAINERS := tests/gradescope/test_end_to_end.py tests/attacks/test_in_podman.py
SLOW    := $(if $(CI),-m "slow or not slow" $(addprefix --ignore ,$(IN_CONTAINERS)),)

TESTS   := $(VENV)/bin/python -m pytest
# Sandboxes count seconds, processes and memory of a machine that tests keep busy, and containers need a network. So what
# fails has a second turn alone; both turns are in the log, and what passes only in the second is a defect to look for.
AGAIN    = { [ $$? -eq 1 ] && echo "Once more, alone, what failed:" && \
           $(TESTS) -v $(1) --last-failed --last-failed-no-failures none; }

export OMP_NUM_THREADS = 1
export GRADER_STUDENTS ?= $(if $(wildcard $(STUDENTS)/ready),$(abspath $(STUDENTS))/bin/python)

.PHONY: demo test gradescope lint unit students clean

demo: $(VENV)/ready
	@$(VENV)/bin/grade sample_submissions/hw3 --hw 3 -j $(JOBS) --out results/hw3 || [ $$? -eq 1 ]

test: lint unit

gradescope: $(VENV)/ready
	@CONTAINERS=1 PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/prepare
	@$(TESTS) -v -m slow --durations=25 $(IN_CONTAINERS) || $(call AGAIN,-m slow $(IN_CONTAINERS))

lint: $(VENV)/ready
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

unit: $(VENV)/ready
	@$(TESTS) -n $(JOBS) --dist loadfile --max-worker-restart 0 $(SLOW) --durations=25 || $(call AGAIN,$(SLOW))

$(VENV)/ready: pyproject.toml constraints.txt
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/prepare
	$(PIP) install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) -c constraints.txt torch
	$(PIP) install -c constraints.txt -e ".[students,dev]"
	@touch $@

students: $(STUDENTS)/ready

$(STUDENTS)/ready: .ci/students.txt | $(VENV)/ready
	$(PYTHON) -m venv $(STUDENTS)
	$(STUDENTS)/bin/python -m pip --quiet --disable-pip-version-check install -r .ci/students.txt
	@touch $@

clean:
	rm -rf $(VENV) $(STUDENTS) results build dist
