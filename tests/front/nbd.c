// SPDX-License-Identifier: GPL-2.0-or-later
/* The server's side of NBD. */
#include "nbd.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define MAGIC_INIT 0x4e42444d41474943ull   /* NBDMAGIC */
#define MAGIC_OPTION 0x49484156454f5054ull /* IHAVEOPT */
#define MAGIC_OPTION_REPLY 0x0003e889045565a9ull
#define MAGIC_REQUEST 0x25609513u
#define MAGIC_REPLY 0x67446698u

#define FLAG_FIXED_NEWSTYLE 1u
#define FLAG_NO_ZEROES 2u

enum { OPT_EXPORT_NAME = 1, OPT_ABORT = 2, OPT_LIST = 3, OPT_INFO = 6, OPT_GO = 7 };
enum { REP_ACK = 1, REP_SERVER = 2, REP_INFO = 3 };
#define REP_ERR_UNSUP 0x80000001u
#define REP_ERR_INVALID 0x80000003u
enum { INFO_EXPORT = 0, INFO_BLOCK_SIZE = 3 };

#define OPTION_MAX 8192u /* names are up to 4096 bytes */
#define PREFERRED_BLOCK 4096u

/* 1, 0 = the client is gone, or -errno */
static int get(int fd, void *buf, size_t size)
{
	ssize_t got = size ? recv(fd, buf, size, MSG_WAITALL) : 0;

	if (got < 0)
		return errno == ECONNRESET ? 0 : -errno;
	return (size_t)got == size;
}

static int put(int fd, const void *buf, size_t size)
{
	ssize_t sent = send(fd, buf, size, MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EPIPE || errno == ECONNRESET ? 0 : -errno;
	return (size_t)sent == size;
}

/* Numbers into a message, big-endian, without holes. */
struct packer {
	uint8_t bytes[160];
	size_t len;
};

static void pack(struct packer *p, const void *value, size_t size)
{
	memcpy(p->bytes + p->len, value, size);
	p->len += size;
}

static void pack16(struct packer *p, uint16_t value)
{
	value = htobe16(value);
	pack(p, &value, sizeof(value));
}

static void pack32(struct packer *p, uint32_t value)
{
	value = htobe32(value);
	pack(p, &value, sizeof(value));
}

static void pack64(struct packer *p, uint64_t value)
{
	value = htobe64(value);
	pack(p, &value, sizeof(value));
}

static int reply(int fd, uint32_t option, uint32_t type, const struct packer *data)
{
	struct packer p = { .len = 0 };

	pack64(&p, MAGIC_OPTION_REPLY);
	pack32(&p, option);
	pack32(&p, type);
	pack32(&p, data ? (uint32_t)data->len : 0);
	if (data)
		pack(&p, data->bytes, data->len);
	return put(fd, p.bytes, p.len);
}

static int reply_info(int fd, uint32_t option, const struct nbd_export *export)
{
	struct packer size = { .len = 0 }, blocks = { .len = 0 };
	int ret;

	pack16(&size, INFO_EXPORT);
	pack64(&size, export->size);
	pack16(&size, export->flags);
	pack16(&blocks, INFO_BLOCK_SIZE);
	pack32(&blocks, export->block_size);
	pack32(&blocks, PREFERRED_BLOCK);
	pack32(&blocks, NBD_BYTES_MAX);
	ret = reply(fd, option, REP_INFO, &size);
	if (ret > 0)
		ret = reply(fd, option, REP_INFO, &blocks);
	return ret > 0 ? reply(fd, option, REP_ACK, NULL) : ret;
}

static int reply_list(int fd)
{
	struct packer name = { .len = 0 };
	int ret;

	pack32(&name, 0); /* the export without a name */
	ret = reply(fd, OPT_LIST, REP_SERVER, &name);
	return ret > 0 ? reply(fd, OPT_LIST, REP_ACK, NULL) : ret;
}

/* The old way to begin: no reply but the export's data. */
static int reply_export_name(int fd, const struct nbd_export *export, bool no_zeroes)
{
	static const uint8_t zeroes[124];
	struct packer p = { .len = 0 };

	pack64(&p, export->size);
	pack16(&p, export->flags);
	if (!no_zeroes)
		pack(&p, zeroes, sizeof(zeroes));
	return put(fd, p.bytes, p.len);
}

struct option {
	uint32_t code;
	uint32_t len;
};

static int get_option(int fd, struct option *opt)
{
	uint8_t head[16], data[OPTION_MAX];
	uint64_t magic;
	int ret = get(fd, head, sizeof(head));

	if (ret <= 0)
		return ret;
	memcpy(&magic, head, sizeof(magic));
	memcpy(&opt->code, head + 8, sizeof(opt->code));
	memcpy(&opt->len, head + 12, sizeof(opt->len));
	opt->code = be32toh(opt->code);
	opt->len = be32toh(opt->len);
	if (be64toh(magic) != MAGIC_OPTION || opt->len > sizeof(data))
		return -EPROTO;
	/* Names and wishes: there is one export, and all is told about it. */
	return get(fd, data, opt->len);
}

static int greet(int fd, bool *ret_no_zeroes)
{
	struct packer p = { .len = 0 };
	uint32_t flags;
	int ret;

	pack64(&p, MAGIC_INIT);
	pack64(&p, MAGIC_OPTION);
	pack16(&p, FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES);
	ret = put(fd, p.bytes, p.len);
	if (ret > 0)
		ret = get(fd, &flags, sizeof(flags));
	if (ret > 0)
		*ret_no_zeroes = be32toh(flags) & FLAG_NO_ZEROES;
	return ret;
}

int nbd_negotiate(int fd, const struct nbd_export *export)
{
	bool no_zeroes = false;
	int ret = greet(fd, &no_zeroes);
	struct option opt;

	while (ret > 0) {
		ret = get_option(fd, &opt);
		if (ret <= 0)
			break;
		switch (opt.code) {
		case OPT_EXPORT_NAME:
			return reply_export_name(fd, export, no_zeroes);
		case OPT_GO:
			return reply_info(fd, opt.code, export);
		case OPT_INFO:
			ret = reply_info(fd, opt.code, export);
			break;
		case OPT_LIST:
			ret = opt.len == 0 ? reply_list(fd)
					   : reply(fd, opt.code, REP_ERR_INVALID, NULL);
			break;
		case OPT_ABORT:
			reply(fd, opt.code, REP_ACK, NULL);
			return 0;
		default:
			ret = reply(fd, opt.code, REP_ERR_UNSUP, NULL);
			break;
		}
	}
	return ret;
}

int nbd_decode_request(const uint8_t *bytes, struct nbd_request *ret)
{
	uint32_t magic, len;
	uint64_t offset;
	uint16_t type;

	memcpy(&magic, bytes, sizeof(magic));
	memcpy(&type, bytes + 6, sizeof(type));
	memcpy(&ret->handle, bytes + 8, sizeof(ret->handle));
	memcpy(&offset, bytes + 16, sizeof(offset));
	memcpy(&len, bytes + 24, sizeof(len));
	ret->type = be16toh(type);
	ret->offset = be64toh(offset);
	ret->len = be32toh(len);
	return be32toh(magic) == MAGIC_REQUEST ? 0 : -EPROTO;
}

static uint32_t wire_error(int err)
{
	switch (err) {
	case 0:
		return 0;
	case -EPERM:
		return 1;
	case -ENOMEM:
		return 12;
	case -EINVAL:
		return 22;
	case -EOPNOTSUPP:
		return 95;
	default:
		return 5; /* EIO */
	}
}

void nbd_encode_reply(uint64_t handle, int err, uint8_t *bytes)
{
	uint32_t magic = htobe32(MAGIC_REPLY), error = htobe32(wire_error(err));

	memcpy(bytes, &magic, sizeof(magic));
	memcpy(bytes + 4, &error, sizeof(error));
	memcpy(bytes + 8, &handle, sizeof(handle)); /* opaque: in the client's own order */
}
