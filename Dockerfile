# For instructors without Linux:
#   docker build -t grader .
#   docker run --rm -v "$PWD:/course" grader grade submissions/ --hw 3
# /course is where submissions/ lies and results/ will lie; it may be a course of its own, with rubrics/ and reference/.

# Any Debian or Ubuntu with Python 3.10 or newer.
ARG BASE=debian:bookworm-slim
FROM ${BASE}

# Where torch comes from; set it to nothing to take torch from pip's own index.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG DEBIAN_FRONTEND=noninteractive
ENV LANG=C.UTF-8 OMP_NUM_THREADS=1 PATH=/opt/grader/bin:$PATH

RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends ca-certificates libseccomp2 python3-venv >/dev/null \
 && rm -rf /var/lib/apt/lists/* \
 && python3 -m venv /opt/grader

# What changes rarely comes first: torch is most of the image. What torch rests on comes with the rest, from pip's index.
COPY constraints.txt /src/
RUN pip install --quiet --no-cache-dir --no-deps ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} -c /src/constraints.txt torch

COPY . /src/
RUN pip install --quiet --no-cache-dir -c /src/constraints.txt "/src[students]" \
 && install -m 755 /src/docker/owned /usr/local/bin/owned \
 && rm -rf /src \
 && chmod -R go-rwx /opt/grader/lib/python3*/site-packages/grader \
 && grade doctor

WORKDIR /course
ENTRYPOINT ["owned"]
CMD ["grade", "--help"]
