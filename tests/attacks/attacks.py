"""What hostile programs try, one function each. A function is sent into a box as source and called there with `T`.

`T` names what there is to win (`test_attacks.py` sets it up): paths, sockets, processes. A function returns what it
got, or nothing; where it is refused it raises an OSError, a MemoryError or an ImportError. Any other exception is a
mistake in the attack itself, and fails the test: an attack that cannot succeed proves nothing.
"""
# ruff: noqa: PTH101, PTH102, PTH104, PTH108, PTH109, PTH110, PTH115, PTH116, PTH120, PTH123, PTH208, PTH211
# ruff: noqa: RET503, SIM105, SIM115

import ctypes
import errno
import fcntl
import mmap
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

ATTACKS = {}
DEADLY = set()
"""Attacks that may cost the attacker its kernel."""


def attack(kind, deadly=False):
    def note(function):
        ATTACKS[f"{kind}: {function.__name__.replace('_', ' ')}"] = function
        if deadly:
            DEADLY.add(function)
        return function

    return note


def call(number, *arguments):
    """A system call by its number (x86-64); raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(number), *wide)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def in_a_child(act):
    """Return whether something that only a process of one thread may do succeeds in a child."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def machine_code(text):
    """Run machine code; returns what it leaves in the accumulator."""
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(text)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_long)(address)()


def while_watched(T):
    """Give whoever watches time to act, in steps: where the machine stands still for a while, one of them passes.

    Where nobody watches, a moment will do.
    """
    for _ in range(20 if T["weakened"] else 300):
        time.sleep(0.1)


def soon(true, T):
    """Return whether something comes true; where a layer was taken out it does, and is waited for."""
    for _ in range(300 if T["weakened"] else 3):
        if true():
            return True
        time.sleep(0.1)
    return true()


# ------------------------------------------------------------------------------------------------ reading


@attack("read")
def reference_by_its_path(T):
    return open(T["reference"]).read()


@attack("read")
def reference_by_a_link_of_ours(T):
    os.symlink(T["reference"], "link")
    return open("link").read()


@attack("read")
def reference_by_a_hard_link(T):
    os.link(T["reference"], "hard")
    return open("hard").read()


@attack("read")
def reference_by_a_link_that_was_handed_in(T):
    return open("handed_in_link").read()


@attack("read")
def reference_by_the_root_of_process_1(T):
    for first in (1, os.getppid()):  # ours is 1 where there is a process namespace
        try:
            return open(f"/proc/{first}/root{T['reference']}").read()
        except OSError:
            pass


@attack("read")
def reference_by_every_process(T):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for way in ("root", "cwd", "task/" + pid + "/root"):
            try:
                return open(f"/proc/{pid}/{way}{T['reference']}").read()
            except OSError:
                pass


@attack("read")
def reference_by_climbing(T):
    return open("../" * 40 + T["reference"].lstrip("/")).read()


@attack("read")
def reference_by_another_program(T):
    done = subprocess.run(["/bin/cat", T["reference"]], capture_output=True, text=True)
    if done.returncode:
        raise PermissionError(done.stderr)
    return done.stdout


@attack("read")
def reference_by_openat2(T):
    how = struct.pack("QQQ", 0, 0, 0)
    return os.read(call(437, -100, T["reference"].encode(), how, len(how)), 100)


@attack("read")
def reference_by_its_handle(T):
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
    mount_id = ctypes.c_int()
    call(303, -100, T["reference"].encode(), handle, ctypes.byref(mount_id), 0)
    return os.read(call(304, -100, handle, 0), 100)


@attack("read")
def course_by_listing(T):
    return os.listdir(T["course"])


@attack("read")
def course_through_descriptors_left_open(T):
    for descriptor in range(3, 256):
        try:
            os.fchdir(descriptor)
        except OSError:
            continue
        return os.listdir(".")


@attack("read")
def package_of_the_grader_by_import(T):
    import grader

    return grader.__file__


@attack("read")
def package_of_the_grader_by_path(T):
    return open(T["package"] + "/sandbox/request.py").read()


@attack("read")
def package_of_the_grader_after_extending_the_path(T):
    sys.path.insert(0, os.path.dirname(T["package"]))
    import grader.sandbox.request

    return grader.sandbox.request.__file__


@attack("read")
def environment_of_the_grader(T):
    return open(f"/proc/{T['grader']}/environ").read()


@attack("read")
def secret_in_any_environment(T):
    found = [os.environ.get("SECRET_OF_THE_GRADER", "")]
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            found.append(open(f"/proc/{pid}/environ").read())
        except OSError:
            pass
    return [text for text in found if "in the environment" in text]


@attack("read")
def secret_in_our_own_memory(T):
    """The kernel was forked, not started: whatever its ancestor knew would still be here."""
    begin, end, found = b"SECRET_OF_", b"THE_GRADER", 0  # in two, or we would find what we look for with
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in open("/proc/self/maps"):
            bounds, rights = line.split()[:2]
            low, high = (int(bound, 16) for bound in bounds.split("-"))
            if "r" not in rights or "w" not in rights or high - low > 1 << 30:
                continue
            try:
                memory.seek(low)
                found += sum(part.startswith(end) for part in memory.read(high - low).split(begin))
            except (OSError, ValueError, OverflowError):
                pass
    return found


@attack("read")
def memory_of_init(T):
    with open(f"/proc/{os.getppid()}/mem", "rb") as memory:
        memory.seek(int(open(f"/proc/{os.getppid()}/maps").readline().split("-")[0], 16))
        return memory.read(16)


@attack("read")
def home_of_another_box(T):
    for path in (T["sibling_home"] + "/answer.txt", f"/proc/{T['sibling']}/cwd/answer.txt"):
        try:
            return open(path).read()
        except OSError:
            pass


@attack("read")
def names_by_watching_a_folder(T):
    """Whoever may read a folder is told the names of what is opened in it; Landlock does not guard that."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_add_watch(libc.inotify_init(), T["course"].encode(), 0xFFF)
    if watch < 0:
        raise OSError(ctypes.get_errno(), "inotify_add_watch")
    return watch


@attack("read")
def what_others_open(T):
    """A watch is on the file itself: it tells of whoever opens it, by whatever path, in whatever box."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_add_watch(libc.inotify_init(), os.path.dirname(os.__file__).encode(), 0xFFF)
    if watch < 0:
        raise OSError(ctypes.get_errno(), "inotify_add_watch")
    return watch


@attack("read")
def changes_of_a_folder(T):
    return fcntl.fcntl(os.open("/usr", os.O_RDONLY), fcntl.F_NOTIFY, 0x3F) == 0


@attack("read")
def where_other_boxes_are(T):
    """Linux lists the sockets of a network with their paths; in those of others are names that nobody should guess."""
    return T["sibling_folder"] in open("/proc/self/net/unix").read()


@attack("read")
def where_other_boxes_are_by_a_thread(T):
    return T["sibling_folder"] in open(f"/proc/self/task/{os.getpid()}/net/unix").read()


@attack("read")
def passwords(T):
    return open("/etc/shadow").read()


@attack("read")
def configuration_of_the_machine(T):
    return open("/etc/hostname").read() or open("/etc/machine-id").read()


@attack("read")
def shared_memory_of_others(T):
    return open(T["shared"]).read()


# ------------------------------------------------------------------------------------------------ writing


@attack("write")
def into_the_course(T):
    open(T["course"] + "/reference/new.py", "w").write("x")
    return True


@attack("write")
def over_the_reference(T):
    open(T["reference"], "r+").write("x")
    return True


@attack("write")
def into_a_folder_that_is_open_to_all(T):
    open(T["open_folder"] + "/left", "w").write("x")
    return True


@attack("write")
def code_that_every_python_runs(T):
    import sysconfig

    path = sysconfig.get_path("purelib") + "/attack.pth"
    open(path, "w").write("")
    os.unlink(path)
    return True


@attack("write")
def over_a_package(T):
    import json

    open(json.__file__, "r+").close()
    return True


@attack("write")
def away_with_the_reference(T):
    os.rename(T["reference"], "stolen")
    return True


@attack("write")
def the_mode_of_the_reference(T):
    before = T["mode"]
    os.chmod(T["reference"], 0o666)
    return os.stat(T["reference"]).st_mode != before


@attack("write")
def the_date_of_the_reference(T):
    os.utime(T["reference"], (0, 0))
    return os.stat(T["reference"]).st_mtime == 0


@attack("write")
def shared_memory(T):
    if T["namespaced"]:
        open(T["new_shared"], "w").write("x")
        return None  # its own; the test looks whether it can be seen outside
    open(T["new_shared"], "w").write("x")
    return True


# ------------------------------------------------------------------------------------------------ network


@attack("network")
def tcp(T):
    return socket.create_connection(("127.0.0.1", T["tcp"]), timeout=2)


@attack("network")
def tcp_over_version_6(T):
    return socket.socket(socket.AF_INET6, socket.SOCK_STREAM)


@attack("network")
def udp(T):
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", T["tcp"]))


@attack("network")
def a_listening_port(T):
    return socket.create_server(("127.0.0.1", 0))


@attack("network")
def other_families(T):
    opened = []
    for family in [number for number in range(64) if number != socket.AF_UNIX]:
        for kind in (1, 2, 3, 5):
            try:
                opened.append(call(41, family, kind, 0))
            except OSError:
                pass
    return opened


@attack("network")
def a_family_with_high_bits(T):
    return call(41, (1 << 32) | socket.AF_INET, socket.SOCK_STREAM, 0)


@attack("network")
def netlink(T):
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)


@attack("network")
def names(T):
    return socket.getaddrinfo("example.org", 80)


@attack("network")
def by_another_program(T):
    done = subprocess.run(["/bin/bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{T['tcp']}"], capture_output=True, text=True)
    if done.returncode:
        raise PermissionError(done.stderr)
    return True


@attack("network")
def a_socket_in_a_folder(T):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(T["path_socket"])
    return True


@attack("network")
def a_datagram_socket_in_a_folder(T):
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", T["path_datagram"])


@attack("network")
def a_datagram_from_a_pair(T):
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", T["path_datagram"])


@attack("network")
def a_datagram_from_a_raw_socket(T):
    return socket.socket(socket.AF_UNIX, socket.SOCK_RAW).sendto(b"x", T["path_datagram"])


@attack("network")
def an_abstract_socket(T):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect("\0" + T["abstract"])
    return True


@attack("network")
def an_abstract_datagram_socket(T):
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", "\0" + T["abstract"] + "-datagram")


@attack("network")
def the_channels_of_another_kernel(T):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(T["sibling_folder"] + "/wire/k-1")
    return True


# ------------------------------------------------------------------------------------------------ other processes


@attack("process")
def signal_to_the_grader(T):
    os.kill(T["grader"], 0)
    return True


@attack("process")
def signal_to_another_box(T):
    os.kill(T["sibling"], 0)
    return True


@attack("process")
def signal_to_everybody(T):
    """Not -1, which would reach our own processes as well: everyone else in turn."""
    own = {os.getpid(), *map(int, os.popen(f"ps --ppid {os.getpid()} -o pid= 2>/dev/null").read().split())}
    reached = []
    for pid in range(1, max(70000, T["grader"] + 1, T["sibling"] + 1)):
        if pid not in own:
            try:
                os.kill(pid, 0)
            except OSError:
                continue
            if os.path.exists(f"/proc/{pid}/status") and T["namespaced"]:
                continue  # one of our own, in our own namespace
            reached.append(pid)
    return [pid for pid in reached if pid in (T["grader"], T["sibling"], T["zygote"], T["init"])]


@attack("process")
def stop_init(T):
    os.kill(os.getppid(), signal.SIGSTOP)
    return soon(lambda: "(stopped)" in open(f"/proc/{os.getppid()}/status").read(), T)


@attack("process")
def stop_init_by_a_pipe(T):
    """Linux sends the signal for whoever said whom to tell when there is something to read."""
    answer, report = os.pipe()
    fcntl.fcntl(answer, fcntl.F_SETOWN, os.getppid())
    fcntl.fcntl(answer, fcntl.F_SETSIG, signal.SIGSTOP)
    fcntl.fcntl(answer, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(report, b"x")
    return soon(lambda: "(stopped)" in open(f"/proc/{os.getppid()}/status").read(), T)


@attack("process")
def trace_another_box(T):
    return call(101, 0x4206, T["sibling"], 0, 0) == 0  # PTRACE_SEIZE, which does not stop it


@attack("process")
def trace_init(T):
    return call(101, 0x4206, os.getppid(), 0, 0) == 0


@attack("process")
def read_memory_of_init(T):
    local = ctypes.create_string_buffer(8)
    here = struct.pack("QQ", ctypes.addressof(local), 8)
    there = struct.pack("QQ", id(None), 8)  # where both have it, one being a fork of the other
    return call(310, os.getppid(), here, 1, there, 1, 0)


@attack("process")
def take_a_descriptor_of_init(T):
    return call(438, os.pidfd_open(os.getppid()), 0, 0)


@attack("process")
def limits_of_the_grader(T):
    return resource.prlimit(T["grader"], resource.RLIMIT_CORE)


@attack("process")
def priority_of_all_of_this_user(T):
    if T["namespaced"] or T["own_user"]:
        raise PermissionError("there is nobody else of this user")
    os.setpriority(os.PRIO_USER, 0, os.getpriority(os.PRIO_PROCESS, 0) + 1)
    return True


@attack("process")
def a_lease_on_a_file(T):
    """Whoever opens a file on which another one has a lease waits for him; it can be had on all files of one's user."""
    with open("leased", "w"):
        pass
    return fcntl.fcntl(os.open("leased", os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_WRLCK) == 0


@attack("process")
def affinity_of_the_grader(T):
    os.sched_setaffinity(T["grader"], {0})
    return True


@attack("process")
def shared_memory_of_system_v(T):
    return 1 + call(29, T["key"], 0, 0)


@attack("process")
def message_queues(T):
    return call(240, b"left", os.O_CREAT | os.O_RDWR, 0o600, 0)


# ------------------------------------------------------------------------------------------------ escape


@attack("escape")
def mount(T):
    return call(165, b"none", b"/tmp", b"tmpfs", 0, 0) == 0


@attack("escape")
def unmount_what_hides(T):
    if not T["namespaced"]:
        raise PermissionError("here nothing is covered")
    mounted = [line.split()[4] for line in open("/proc/self/mountinfo")]
    return call(166, mounted[-1].encode(), 2) == 0


@attack("escape")
def new_mount_interface(T):
    return call(430, b"tmpfs", 0)


@attack("escape")
def unshare_users(T):
    return in_a_child(lambda: call(272, 0x10000000))


@attack("escape")
def clone_with_new_users(T):
    child = call(56, 0x10000000 | 17, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return child


@attack("escape")
def clone3(T):
    arguments = struct.pack("11Q", 0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)
    child = call(435, arguments, len(arguments))
    if child == 0:
        os._exit(0)
    return child


@attack("escape")
def enter_the_namespace_of_init(T):
    place = os.open(f"/proc/{os.getppid()}/ns/mnt", os.O_RDONLY)
    return in_a_child(lambda: call(308, place, 0))


@attack("escape")
def change_the_root(T):
    os.chroot("/tmp")
    return True


@attack("escape")
def become_root(T):
    if os.getuid() == 0:
        return True
    os.setuid(0)
    return True


@attack("escape")
def become_a_neighbour(T):
    os.setresuid(T["sibling_uid"], T["sibling_uid"], T["sibling_uid"])
    return os.getuid() != T["uid"]


@attack("escape")
def capabilities(T):
    lines = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    held = {name: lines[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}
    return [name for name, mask in held.items() if int(mask, 16)]


@attack("escape")
def privileges_by_set_uid_programs(T):
    lines = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    return lines["NoNewPrivs"].strip() != "1"


@attack("escape")
def a_program_without_the_filter(T):
    return (
        "Seccomp:\t2" not in subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True).stdout
        if (T["namespaced"])
        else "Seccomp:\t2" not in open("/proc/self/status").read()
    )


@attack("escape", deadly=True)
def system_calls_of_32_bits(T):
    # mov eax, 20 (getpid of i386); int 0x80; ret
    return machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3") == os.getpid()


@attack("escape", deadly=True)
def system_calls_of_x32(T):
    return call(0x40000000 + 39)


@attack("escape")
def inner_workings(T):
    reached = []
    calls = {
        "bpf": (321, 0, 0, 0), "keyctl": (250, 0, -3, 0), "perf_event_open": (298, 0, 0, -1, -1, 0),
        "userfaultfd": (323, 0), "io_uring_setup": (425, 1, 0), "memfd_create": (319, b"x", 0),
        "add_key": (248, b"user", b"x", b"y", 1, -3), "personality": (135, 0x0040000), "syslog": (103, 3, 0, 0),
        "vmsplice": (278, -1, 0, 0, 0), "kexec_load": (246, 0, 0, 0, 0), "reboot": (169, 0, 0, 0, 0),
        "statmount": (457, 0, 0, 0, 0), "listmount": (458, 0, 0, 0, 0), "landlock": (444, 0, 0, 1),
        "io_setup": (206, 1, ctypes.create_string_buffer(8)),
        "a call that does not exist yet": (500,),
    }  # fmt: skip
    for name, arguments in calls.items():
        try:
            call(*arguments)
        except OSError as error:
            if error.errno in (errno.EPERM, errno.ENOSYS):
                continue
        reached.append(name)
    return reached


@attack("escape")
def device_nodes(T):
    os.mknod("sda", 0o60660, os.makedev(8, 0))
    return True


@attack("escape")
def a_way_out_of_the_filter(T):
    reached = []
    libc = ctypes.CDLL(None, use_errno=True)
    reached += ["no_new_privs"] * (libc.prctl(38, 0, 0, 0, 0) == 0)
    reached += ["seccomp"] * (libc.prctl(22, 0, 0, 0, 0) == 0)
    return reached


@attack("escape")
def descriptors_of_others(T):
    """What was open before us: only sockets to the grader, pipes and the kernel's own, nothing with a name."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            continue
        if target.startswith("/") and not target.startswith(("/dev/null", "/proc/", "/dev/pts", "/dev/urandom")):
            found.append(target)
    return [path for path in found if not path.startswith((os.getcwd(), os.environ.get("TMPDIR", "/tmp/box")))]


# ------------------------------------------------------------------------------------------------ exhaustion


@attack("exhaust")
def processes(T):
    children = []
    try:
        while len(children) < T["processes"] + 50:
            child = os.fork()
            if child == 0:
                time.sleep(600)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
    return len(children) > T["processes"]


@attack("exhaust")
def memory(T):
    held = []
    while len(held) * (64 << 20) < T["memory"] * 1.2:
        held.append(bytearray(64 << 20))
    return True


@attack("exhaust", deadly=True)
def memory_in_sockets(T):
    """What waits in a socket is in no process's memory."""

    def fill(report):
        kept, total = [], 0
        try:
            while True:
                kept.append(socket.socketpair())
                for end in kept[-1]:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
                    end.setblocking(False)
                    try:
                        while True:
                            total += end.send(bytes(1 << 15))
                    except BlockingIOError:
                        pass
        except OSError:
            os.write(report, struct.pack("Q", total))
        time.sleep(600)

    total, children = 0, []
    answer, report = os.pipe()
    while total < T["memory"] and len(children) < 20:
        children.append(os.fork())
        if children[-1] == 0:
            fill(report)
            os._exit(0)
        total += struct.unpack("Q", os.read(answer, 8))[0]
    while_watched(T)
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
    return total >= T["memory"] and total


@attack("exhaust", deadly=True)
def memory_in_connections_that_wait(T):
    """A connection that nobody has accepted keeps what was sent over it, also when its sender has gone."""
    servers, total = [], 0
    while total < T["memory"] and len(servers) < 20:
        servers.append(socket.socket(socket.AF_UNIX))
        servers[-1].bind(f"\0waiting{len(servers)}")
        servers[-1].listen(4096)
        try:
            while total < T["memory"]:
                with socket.socket(socket.AF_UNIX) as client:
                    client.setblocking(False)
                    client.connect(f"\0waiting{len(servers)}")
                    try:
                        while True:
                            total += client.send(bytes(1 << 15))
                    except BlockingIOError:
                        pass
        except BlockingIOError:
            pass
    while_watched(T)
    return total >= T["memory"] and total


@attack("exhaust", deadly=True)
def memory_in_page_tables(T):
    """To say where nothing is takes a page for every 2 MiB."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    size, small_pages = 64 << 30, 15
    for _ in range(2 * T["memory"] // (size >> 9)):
        place = libc.mmap(None, ctypes.c_size_t(size), mmap.PROT_READ, 0x4022, -1, 0)  # private, anonymous, no reserve
        if place in (None, (1 << 64) - 1):
            raise OSError(ctypes.get_errno(), "mmap")
        libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(size), small_pages)
        for offset in range(0, size, 2 << 20):
            ctypes.string_at(place + offset, 1)
    tables = next(line for line in open("/proc/self/status") if line.startswith("VmPTE"))
    while_watched(T)
    return int(tables.split()[1]) << 10 > T["memory"] and tables


@attack("exhaust", deadly=True)
def memory_that_was_let_go_of(T):
    """Shared memory stays when no process has it in its own any more."""
    for source in ("", "/dev/zero"):
        try:
            file = os.open(source, os.O_RDWR) if source else -1
            kept = mmap.mmap(file, 2 * T["memory"])
        except OSError:
            continue
        step = 64 << 20
        for place in range(0, len(kept) - step, step):
            kept[place : place + step] = b"x" * step
            kept.madvise(mmap.MADV_DONTNEED, place, step)
        return kept[:1] == b"x"


@attack("exhaust", deadly=True)
def memory_behind_a_name(T):
    """A process may choose its name, and Linux writes it among what it says of the process."""
    children = []
    for name in (b"\rVmPTE: -999999", b"\rVmPTE: x", b"\rVmPTE:"):
        children.append(os.fork())
        if children[-1] == 0:
            ctypes.CDLL(None).prctl(15, name, 0, 0, 0)
            held = b"x" * (T["memory"] * 2 // 5)
            time.sleep(600 + len(held[:0]))
            os._exit(0)
    while_watched(T)
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
    return True


@attack("exhaust", deadly=True)
def memory_nobody_may_look_at(T):
    """A process can forbid others of its user to look into it."""
    if T["own_user"] and not T["namespaced"]:
        raise PermissionError("a container's root may look into nobody, and estimates")
    hold = "import ctypes, time; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); held = b'x' * {}; time.sleep(600)"
    program = [sys.executable, "-S", "-c", hold.format(T["memory"] // 16)]
    children = [subprocess.Popen(program) for _ in range(22)]
    while_watched(T)
    alive = [child for child in children if child.poll() is None]
    for child in children:
        child.kill()
        child.wait()
    return len(alive) == len(children)


@attack("exhaust")
def disk(T):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("big", "wb") as file:
        for _ in range(T["disk"] // (1 << 20) + 10):
            file.write(bytes(1 << 20))
            file.flush()
    return True


@attack("exhaust")
def disk_by_a_hole(T):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("hole", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 4 * T["disk"])
    return True


@attack("exhaust")
def disk_in_many_places(T):
    if not T["namespaced"]:
        raise PermissionError("here a watchdog counts")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for number, folder in enumerate((os.getcwd(), "/tmp", "/dev/shm") * 2):
        with open(f"{folder}/part{number}", "wb") as file:
            for _ in range(T["disk"] // (4 << 20) + 1):
                file.write(bytes(1 << 20))
    return True


def write_too_much(T, folder):
    """Write three times what there may be, in files that are each within bounds; wait for somebody to see it."""
    for number in range(6):
        with open(f"{folder}/part{number}", "wb") as file:
            for _ in range(T["disk"] // (2 << 20)):
                file.write(bytes(1 << 20))
    while_watched(T)
    return True


@attack("exhaust", deadly=True)
def disk_in_a_closed_folder(T):
    """What is in a folder that its owner may enter and not list is seen by nobody else of that user."""
    os.mkdir("closed", 0o300)
    return write_too_much(T, "closed")


@attack("exhaust", deadly=True)
def disk_in_the_deep(T):
    """No path leads to a folder that lies so deep, and no recursion."""
    for _ in range(1500):
        os.mkdir("d" * 40)
        os.chdir("d" * 40)
    return write_too_much(T, ".")


@attack("exhaust", deadly=True)
def disk_beside_files_that_go(T):
    """Whoever looks at the files of a folder meets some that have just gone."""
    brief = [f"brief{number}" for number in range(300)]
    child = os.fork()
    while child == 0:
        for name in brief:
            open(name, "w").close()
        for name in reversed(brief):
            os.unlink(name)
    os.mkdir("kept")
    try:
        return write_too_much(T, "kept")
    finally:
        os.kill(child, 9)


@attack("exhaust")
def number_of_files(T):
    if not T["namespaced"]:
        raise PermissionError("here a watchdog counts")
    for number in range(30_000):
        open(f"file{number}", "w").close()
    return True


@attack("exhaust")
def open_files(T):
    held = []
    try:
        while len(held) < 5000:
            held.append(os.open("/dev/null", os.O_RDONLY))
    finally:
        for descriptor in held:
            os.close(descriptor)
    return True


@attack("exhaust")
def raising_our_own_limits(T):
    for limit in (resource.RLIMIT_NPROC, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
        try:
            resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except ValueError:
            continue
        return True


SHARED = call, in_a_child, machine_code, while_watched, soon, write_too_much
"""What several attacks use."""
