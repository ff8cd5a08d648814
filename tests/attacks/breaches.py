"""Where each attack gets through: the test of the test.

An attack that is held proves something only if it would succeed without the wall. Here stands for each of them which
layers (`tests/sandbox/weakened.py`) have to go, in which mode, for it to succeed; as few as were found to do.
"""

EVERYTHING = (
    "Landlock", "filter", "user", "capabilities", "no new privileges", "limits", "secrecy", "root", "network", "queues",
    "processes",
)  # fmt: skip

BREACHES = {
    ("plain", ("Landlock",)): """
        read: reference by its path
        read: reference by a link of ours
        read: reference by a link that was handed in
        read: reference by every process
        read: reference by climbing
        read: reference by another program
        read: reference by openat2
        read: course by listing
        read: package of the grader by path
        read: package of the grader after extending the path
        read: environment of the grader
        read: secret in any environment
        read: home of another box
        read: configuration of the machine
        read: shared memory of others
        write: into a folder that is open to all
        write: shared memory
        process: signal to the grader
        process: signal to another box
        process: signal to everybody
        process: stop init
        process: stop init by a pipe
        read: where other boxes are
        read: where other boxes are by a thread
    """,
    ("plain", ("filter",)): """
        network: tcp over version 6
        network: udp
        network: other families
        network: a family with high bits
        network: netlink
        network: a socket in a folder
        network: a datagram socket in a folder
        network: a datagram from a pair
        network: a datagram from a raw socket
        network: the channels of another kernel
        process: limits of the grader
        process: priority of all of this user
        process: affinity of the grader
        process: shared memory of system v
        escape: inner workings
        read: names by watching a folder
        read: what others open
        read: changes of a folder
        process: a lease on a file
        exhaust: memory that was let go of
    """,
    ("plain", ("Landlock", "filter")): """
        network: tcp
        network: a listening port
        network: by another program
        network: an abstract socket
        network: an abstract datagram socket
        process: trace another box
    """,
    ("plain", ("watch",)): """
        exhaust: memory in sockets
        exhaust: memory in page tables
        exhaust: memory behind a name
        exhaust: memory nobody may look at
        exhaust: disk in a closed folder
        exhaust: disk in the deep
        exhaust: disk beside files that go
    """,
    ("plain", ("limits", "watch")): """
        exhaust: memory
    """,
    ("userns", ("watch",)): """
        exhaust: memory in connections that wait
    """,
    ("plain", ("limits",)): """
        exhaust: processes
        exhaust: disk
        exhaust: disk by a hole
        exhaust: open files
        exhaust: raising our own limits
    """,
    ("plain", ("environment",)): """
        read: secret in our own memory
    """,
    ("plain", ("descriptors",)): """
        escape: descriptors of others
    """,
    ("plain", ("descriptors", "Landlock")): """
        read: course through descriptors left open
    """,
    ("plain", ("Landlock", "filter", "secrecy", "search path")): """
        read: package of the grader by import
        read: reference by the root of process 1
        read: memory of init
        process: trace init
        process: read memory of init
        process: take a descriptor of init
    """,
    ("userns", ("filter",)): """
        escape: a program without the filter
        escape: system calls of 32 bits
        escape: unshare users
        escape: clone with new users
        escape: clone3
    """,
    ("priv", ("quota",)): """
        exhaust: disk in many places
        exhaust: number of files
    """,
    ("priv", ("Landlock", "filter", "user", "capabilities")): """
        escape: unmount what hides
        escape: mount
        escape: new mount interface
        escape: enter the namespace of init
        escape: change the root
        escape: become root
        escape: become a neighbour
        escape: capabilities
        escape: device nodes
    """,
    ("priv", EVERYTHING): """
        read: reference by a hard link
        read: reference by its handle
        process: message queues
        read: passwords
        write: into the course
        write: over the reference
        write: code that every python runs
        write: over a package
        write: away with the reference
        write: the mode of the reference
        write: the date of the reference
        escape: privileges by set uid programs
    """,
}
"""The attacks that get through, by mode and the layers that are taken out."""

IMPOSSIBLE = {
    "network: names": "a test machine need not have a name server; the sockets that ask one are attacks of their own",
    "escape: system calls of x32": "few machines' Linux is built with them, and Python cannot tell",
    "escape: a way out of the filter": "Linux has none: the calls that would be one answer EINVAL to everybody",
}
"""The attacks that cannot be seen to succeed, and why."""


def ways():
    """Yield mode, layers and name of every attack that gets through somewhere."""
    for (mode, layers), names in BREACHES.items():
        for name in names.strip().splitlines():
            yield mode, layers, name.strip()
