// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program that chooses a tap's queue.
 *
 * Theory of operation
 * -------------------
 * The kernel runs it for each packet before it is queued and takes its result
 * modulo the number of queues. It computes what hash.c computes, with the same tables,
 * which the worker puts into the map: the most telling hash of the types that are
 * wanted, then the entry of the mapping. What has no hash goes to the first
 * entry's queue, as with other cards.
 *
 * It is written instruction by instruction, so that neither a compiler for it nor
 * libbpf is needed where netbackd is built or run. Loads from the packet are
 * bpf_skb_load_bytes(), which says whether the bytes are there; they go to the
 * stack. Registers: r6 the packet, r7 the map's value, r8 where IP begins, r9 the hash.
 * The verifier of the kernel wants to see each access within bounds, so all
 * places are constants; the one loop, over tags, is written out.
 */
#include "vif_steer.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net_steer.h"

/* On the stack, below r10. */
#define AT_KEY (-4)   /* of the map's entry */
#define AT_HEAD (-48) /* of IP: its first 40 bytes */
#define AT_PORTS (-56)
#define AT_TYPE (-60)

#define MAX_INSNS 1024
#define MAX_JUMPS 32
/* Types of hashes: bits of struct net_steer's types (xen/io/netif.h). */
enum { HASH_IPV4 = 1, HASH_TCP4 = 2, HASH_IPV6 = 4, HASH_TCP6 = 8 };

/* Jumps ahead to a place that is not known yet. */
enum label { LABEL_IPV4, LABEL_IPV6, LABEL_ALONE4, LABEL_ALONE6, LABEL_FOUND, LABEL_NONE };

struct program {
	struct bpf_insn insns[MAX_INSNS];
	unsigned int nr;
	struct {
		unsigned int at;
		enum label to;
	} jumps[MAX_JUMPS];
	unsigned int nr_jumps;
};

static void put(struct program *p, uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	if (p->nr < MAX_INSNS)
		p->insns[p->nr] = (struct bpf_insn){
			.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm
		};
	p->nr++;
}

static void jump(struct program *p, uint8_t op, uint8_t reg, int32_t imm, enum label to)
{
	if (p->nr_jumps < MAX_JUMPS) {
		p->jumps[p->nr_jumps].at = p->nr;
		p->jumps[p->nr_jumps].to = to;
	}
	p->nr_jumps++;
	put(p, BPF_JMP | op | BPF_K, reg, 0, 0, imm);
}

static void place(struct program *p, enum label label)
{
	for (unsigned int i = 0; i < p->nr_jumps && i < MAX_JUMPS; i++)
		if (p->jumps[i].to == label)
			p->insns[p->jumps[i].at].off = (int16_t)(p->nr - p->jumps[i].at - 1);
}

static void move(struct program *p, uint8_t dst, uint8_t src)
{
	put(p, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static void set(struct program *p, uint8_t dst, int32_t value)
{
	put(p, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value);
}

/* BPF_K, and BPF_IMM below, are 0. */
static void add(struct program *p, uint8_t dst, int32_t value)
{
	put(p, BPF_ALU64 | BPF_ADD, dst, 0, 0, value);
}

static void load(struct program *p, uint8_t size, uint8_t dst, uint8_t src, int16_t off)
{
	put(p, BPF_LDX | BPF_MEM | size, dst, src, off, 0);
}

/* @len bytes of the packet, @reg + @off on, to @stack; r0 != 0: they are not there. */
static void load_packet(struct program *p, uint8_t reg, int32_t off, int16_t stack, int32_t len)
{
	move(p, BPF_REG_1, BPF_REG_6);
	move(p, BPF_REG_2, reg);
	add(p, BPF_REG_2, off);
	move(p, BPF_REG_3, BPF_REG_10);
	add(p, BPF_REG_3, stack);
	set(p, BPF_REG_4, len);
	put(p, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_skb_load_bytes);
}

/* r7: the map's value; r0 = 0 and the end if there is none, which cannot be. */
static void find_map(struct program *p, int map)
{
	put(p, BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, AT_KEY, 0);
	put(p, BPF_LD | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map);
	put(p, 0, 0, 0, 0, 0); /* the upper half of it */
	move(p, BPF_REG_2, BPF_REG_10);
	add(p, BPF_REG_2, AT_KEY);
	put(p, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	put(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 1, 0);
	put(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	move(p, BPF_REG_7, BPF_REG_0);
}

/* r8: behind the ethertype, of which two may be tags; r5: the last one, as it is in the packet. */
static void find_ip(struct program *p)
{
	set(p, BPF_REG_8, 14);
	for (unsigned int tags = 0; tags <= 2; tags++) {
		load_packet(p, BPF_REG_8, -2, AT_TYPE, 2);
		jump(p, BPF_JNE, BPF_REG_0, 0, LABEL_NONE);
		load(p, BPF_H, BPF_REG_5, BPF_REG_10, AT_TYPE);
		put(p, BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_5, 0, 0, 16);
		jump(p, BPF_JEQ, BPF_REG_5, 0x0800, LABEL_IPV4);
		jump(p, BPF_JEQ, BPF_REG_5, 0x86dd, LABEL_IPV6);
		put(p, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_5, 0, 2, 0x8100);
		put(p, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_5, 0, 1, 0x88a8);
		jump(p, BPF_JA, 0, 0, LABEL_NONE);
		add(p, BPF_REG_8, 4);
	}
	jump(p, BPF_JA, 0, 0, LABEL_NONE);
}

/* r9 ^= what @len bytes at @stack give as input from @first on. */
static void hash_bytes(struct program *p, int16_t stack, unsigned int len, unsigned int first)
{
	for (unsigned int i = 0; i < len; i++) {
		size_t table = offsetof(struct net_steer, hash) + (first + i) * 256 * 4;

		load(p, BPF_B, BPF_REG_1, BPF_REG_10, (int16_t)(stack + (int)i));
		put(p, BPF_ALU64 | BPF_LSH | BPF_K, BPF_REG_1, 0, 0, 2);
		put(p, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_1, BPF_REG_7, 0, 0);
		add(p, BPF_REG_1, (int32_t)table);
		load(p, BPF_W, BPF_REG_1, BPF_REG_1, 0);
		put(p, BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_9, BPF_REG_1, 0, 0);
	}
}

/* On to @to if none of @types is wanted. */
static void unless_wanted(struct program *p, int32_t types, enum label to)
{
	load(p, BPF_W, BPF_REG_1, BPF_REG_7, offsetof(struct net_steer, types));
	put(p, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_1, 0, 0, types);
	jump(p, BPF_JEQ, BPF_REG_1, 0, to);
}

/* The first @bytes of IP to the stack, r1: its first byte. */
static void load_head(struct program *p, int32_t bytes, int32_t version)
{
	load_packet(p, BPF_REG_8, 0, AT_HEAD, bytes);
	jump(p, BPF_JNE, BPF_REG_0, 0, LABEL_NONE);
	load(p, BPF_B, BPF_REG_1, BPF_REG_10, AT_HEAD);
	move(p, BPF_REG_2, BPF_REG_1);
	put(p, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_2, 0, 0, 4);
	jump(p, BPF_JNE, BPF_REG_2, version, LABEL_NONE);
}

/* With TCP's ports if the byte at @proto says TCP and the ports are there. */
static void hash_with_ports(struct program *p, int16_t proto, int16_t addrs, unsigned int len,
			    enum label alone)
{
	load(p, BPF_B, BPF_REG_1, BPF_REG_10, (int16_t)(AT_HEAD + proto));
	jump(p, BPF_JNE, BPF_REG_1, 6, alone);
	load_packet(p, BPF_REG_8, 0, AT_PORTS, 4);
	jump(p, BPF_JNE, BPF_REG_0, 0, alone);
	set(p, BPF_REG_9, 0);
	hash_bytes(p, (int16_t)(AT_HEAD + addrs), len, 0);
	hash_bytes(p, AT_PORTS, 4, len);
	jump(p, BPF_JA, 0, 0, LABEL_FOUND);
}

static void hash_alone(struct program *p, int16_t addrs, unsigned int len)
{
	set(p, BPF_REG_9, 0);
	hash_bytes(p, (int16_t)(AT_HEAD + addrs), len, 0);
	jump(p, BPF_JA, 0, 0, LABEL_FOUND);
}

static void hash_ipv4(struct program *p)
{
	place(p, LABEL_IPV4);
	load_head(p, 20, 4);
	put(p, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_1, 0, 0, 15);
	jump(p, BPF_JLT, BPF_REG_1, 5, LABEL_NONE);
	put(p, BPF_ALU64 | BPF_LSH | BPF_K, BPF_REG_1, 0, 0, 2);
	put(p, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_8, BPF_REG_1, 0, 0);
	unless_wanted(p, HASH_TCP4, LABEL_ALONE4);
	load(p, BPF_H, BPF_REG_1, BPF_REG_10, AT_HEAD + 6);
	put(p, BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_1, 0, 0, 16);
	put(p, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_1, 0, 0, 0x3fff); /* a fragment */
	jump(p, BPF_JNE, BPF_REG_1, 0, LABEL_ALONE4);
	hash_with_ports(p, 9, 12, 8, LABEL_ALONE4);
	place(p, LABEL_ALONE4);
	unless_wanted(p, HASH_IPV4, LABEL_NONE);
	hash_alone(p, 12, 8);
}

static void hash_ipv6(struct program *p)
{
	place(p, LABEL_IPV6);
	load_head(p, 40, 6);
	add(p, BPF_REG_8, 40);
	unless_wanted(p, HASH_TCP6, LABEL_ALONE6);
	hash_with_ports(p, 6, 8, 32, LABEL_ALONE6);
	place(p, LABEL_ALONE6);
	unless_wanted(p, HASH_IPV6, LABEL_NONE);
	hash_alone(p, 8, 32);
}

static void choose(struct program *p)
{
	place(p, LABEL_FOUND);
	load(p, BPF_W, BPF_REG_1, BPF_REG_7, offsetof(struct net_steer, nr_entries));
	put(p, BPF_ALU64 | BPF_MOD | BPF_X, BPF_REG_9, BPF_REG_1, 0, 0);
	jump(p, BPF_JGE, BPF_REG_9, NET_STEER_ENTRIES, LABEL_NONE);
	put(p, BPF_ALU64 | BPF_LSH | BPF_K, BPF_REG_9, 0, 0, 2);
	put(p, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_9, BPF_REG_7, 0, 0);
	load(p, BPF_W, BPF_REG_0, BPF_REG_9, offsetof(struct net_steer, queue));
	put(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	place(p, LABEL_NONE);
	load(p, BPF_W, BPF_REG_0, BPF_REG_7, offsetof(struct net_steer, queue));
	put(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int make_map(int *ret_map)
{
	union bpf_attr attr;
	long fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = sizeof(struct net_steer);
	attr.max_entries = 1;
	attr.map_flags = BPF_F_MMAPABLE;
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		return -errno;
	*ret_map = (int)fd;
	return 0;
}

static int load_program(const struct program *p, int *ret_program)
{
	union bpf_attr attr;
	long fd;

	if (p->nr > MAX_INSNS || p->nr_jumps > MAX_JUMPS)
		return -E2BIG;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = (uintptr_t)p->insns;
	attr.insn_cnt = p->nr;
	attr.license = (uintptr_t) "GPL";
	memcpy(attr.prog_name, "pvback_steer", sizeof("pvback_steer"));
	fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0)
		return -errno;
	*ret_program = (int)fd;
	return 0;
}

int vif_steer_open(int *ret_program, int *ret_map)
{
	static struct program p;
	int ret = make_map(ret_map);

	if (ret)
		return ret;
	p.nr = p.nr_jumps = 0;
	move(&p, BPF_REG_6, BPF_REG_1);
	find_map(&p, *ret_map);
	find_ip(&p);
	hash_ipv4(&p);
	hash_ipv6(&p);
	choose(&p);
	ret = load_program(&p, ret_program);
	if (ret)
		close(*ret_map);
	return ret;
}
