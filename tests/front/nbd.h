/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server's side of NBD: fixed newstyle negotiation, simple replies. One
 * export, whatever name the client asks for. After the protocol's description,
 * https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
 */
#ifndef FRONT_NBD_H
#define FRONT_NBD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NBD_FLAG_HAS_FLAGS 1u
#define NBD_FLAG_READ_ONLY 2u
#define NBD_FLAG_SEND_FLUSH 4u

enum nbd_command { NBD_CMD_READ, NBD_CMD_WRITE, NBD_CMD_DISC, NBD_CMD_FLUSH };

#define NBD_BYTES_MAX (32u << 20) /* of one request */

struct nbd_export {
	uint64_t size; /* bytes */
	uint32_t block_size;
	uint16_t flags;
};

struct nbd_request {
	uint16_t type; /* enum nbd_command, or what nobody knows */
	uint64_t handle;
	uint64_t offset;
	uint32_t len;
};

/* As they lie in the stream. */
#define NBD_REQUEST_SIZE 28u
#define NBD_REPLY_SIZE 16u

/*
 * Talk to a client until it begins with requests: 1; 0: it only wanted to
 * look, or has gone; or -errno. @fd is blocking.
 */
int nbd_negotiate(int fd, const struct nbd_export *export);

int nbd_decode_request(const uint8_t *bytes, struct nbd_request *ret);
/* @err: 0 or -errno */
void nbd_encode_reply(uint64_t handle, int err, uint8_t *bytes);

#endif
