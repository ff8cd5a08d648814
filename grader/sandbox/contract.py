"""What the trusted side and a box say to each other: the words shared by zygote, provisioner, agent and conversation.

Theory of operation. The grader execs one *zygote* per student environment; it imports the course's packages and forks a
*box* per file of a submission. A box has an *init* (confines itself, reaps) and a *kernel* (ipykernel over `ipc`
sockets, with the agent and the recorder inside). Three sockets cross the wall, all made by the grader:

control   grader <-> zygote, SEQPACKET: one `ZygoteSetup`, answered by {"ev": "up", …}; then for every box a
          `BoxRequest` as JSON with the descriptors [status, agent], answered by {"ev": "started", "id": …} + [pidfd of
          init]; later {"ev": "dead", "id": …, "status": …}, when no process of the box is left (`sandbox.request`).
status    grader <-> init and kernel, SEQPACKET: {"ev": "kernel"} + [pidfd], {"ev": "ready", …} before any student code,
          then at most one {"ev": "exit", "code", "utime", "stime", "maxrss"}, which is testimony. {"ev": "fail",
          "error"} in place of 'kernel' or 'ready' is a fault of ours.
agent     grader <-> kernel, SEQPACKET: the grader sends b'{"op": "converse"}' + [a stream socket]; the agent forks the
          finished kernel, the child serves the conversation on that stream, the parent answers {"pid": …} + [pidfd].

A conversation's stream carries frames in both directions: 8 bytes little-endian length of the JSON header, the header
(with "lens", the lengths of the buffers), then the buffers (`grader.wire`).
"""
