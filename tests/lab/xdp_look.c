// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a command while an XDP program looks at each packet that a network card receives,
 * in the card's driver, and lets it pass:
 *
 *   xdp-look CARD COMMAND...
 *
 * Fails if the command does, or if a packet did not begin like an Ethernet frame of IP or
 * ARP, or if there was none.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GOOD, BAD, NR };

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static void die(const char *what)
{
	fprintf(stderr, "xdp-look: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int make_map(void)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = NR;
	fd = bpf(BPF_MAP_CREATE, &attr);
	if (fd < 0)
		die("map");
	return fd;
}

static uint64_t read_map(int map, uint32_t key)
{
	union bpf_attr attr;
	uint64_t value = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&value;
	if (bpf(BPF_MAP_LOOKUP_ELEM, &attr) < 0)
		die("map");
	return value;
}

#define INSN(c, d, s, o, i)                                                         \
	{                                                                           \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) \
	}

static int load(int map)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, BAD),
		INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 1, 0, 0), /* data */
		INSN(BPF_LDX | BPF_MEM | BPF_W, 3, 1, 4, 0), /* data_end */
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 4, 2, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD, 4, 0, 0, 14),
		INSN(BPF_JMP | BPF_JGT | BPF_X, 4, 3, 7, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_H, 5, 2, 12, 0),
		INSN(BPF_ALU | BPF_END | BPF_TO_BE, 5, 0, 0, 16),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 3, 0x0800),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 2, 0x0806),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 1, 0x86dd),
		INSN(BPF_JMP | BPF_JA, 0, 0, 1, 0),
		INSN(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, GOOD),
		INSN(BPF_LD | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD, 2, 0, 0, -4),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 1),
		INSN(BPF_STX | BPF_ATOMIC | BPF_DW, 0, 1, 0, BPF_ADD),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_XDP;
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = sizeof(insns) / sizeof(insns[0]);
	attr.license = (uintptr_t) "GPL";
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		die("program");
	return fd;
}

/* @program: -1 takes it away. */
static void attach(const char *card, int program)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
		struct nlattr xdp, fd;
		int32_t fd_value;
		struct nlattr flags;
		uint32_t flags_value;
	} msg;
	struct {
		struct nlmsghdr head;
		struct nlmsgerr err;
	} answer;
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	memset(&msg, 0, sizeof(msg));
	msg.head.nlmsg_len = sizeof(msg);
	msg.head.nlmsg_type = RTM_SETLINK;
	msg.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	msg.link.ifi_index = (int)if_nametoindex(card);
	msg.xdp.nla_type = NLA_F_NESTED | IFLA_XDP;
	msg.xdp.nla_len = (uint16_t)(sizeof(msg) - offsetof(__typeof__(msg), xdp));
	msg.fd.nla_type = IFLA_XDP_FD;
	msg.fd.nla_len = sizeof(msg.fd) + sizeof(msg.fd_value);
	msg.fd_value = program;
	msg.flags.nla_type = IFLA_XDP_FLAGS;
	msg.flags.nla_len = sizeof(msg.flags) + sizeof(msg.flags_value);
	msg.flags_value = XDP_FLAGS_DRV_MODE;
	if (nl < 0 || send(nl, &msg, sizeof(msg), 0) < 0 ||
	    recv(nl, &answer, sizeof(answer), 0) < 0)
		die("netlink");
	close(nl);
	errno = -answer.err.error;
	if (errno)
		die(program < 0 ? "detach" : "attach");
}

int main(int argc, char **argv)
{
	uint64_t good, bad;
	int map, status = 0;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: xdp-look CARD COMMAND...\n");
		return 2;
	}
	map = make_map();
	attach(argv[1], load(map));
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("fork");
	attach(argv[1], -1);
	good = read_map(map, GOOD);
	bad = read_map(map, BAD);
	printf("xdp-look: good=%llu bad=%llu\n", (unsigned long long)good, (unsigned long long)bad);
	return status || bad || !good;
}
