// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Breaks rings of a running guest's network card the way its own kernel could:
 * sets the request index to what no ring can have. Run in dom0, which the
 * guest has granted the pages to. As the guest's kernel sets the index right when it
 * sends, this is done a few times, each time with a frame for each queue
 * that makes the backend look.
 *
 * usage: break-ring DOMID ADDRESS GRANT...
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include <xengnttab.h>

#define RINGS_MAX 16
#define FAR_AHEAD 0x1000u /* more than any ring has slots */
#define TIMES 20
#define PAUSE_NS 20000000
#define FLOWS 8

/* The beginning of any ring of xen/io/ring.h. */
struct ring {
	uint32_t req_prod, req_event, rsp_prod, rsp_event;
};

static void send_frames(int sock, struct sockaddr_in *to)
{
	for (uint16_t i = 0; i < FLOWS; i++) {
		to->sin_port = htons((uint16_t)(5000 + i));
		sendto(sock, "", 1, 0, (struct sockaddr *)to, sizeof(*to));
	}
}

int main(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct sockaddr_in to = { .sin_family = AF_INET };
	xengnttab_handle *gt = xengnttab_open(NULL, 0);
	int sock = socket(AF_INET, SOCK_DGRAM, 0), nr = argc - 3;
	volatile struct ring *rings[RINGS_MAX];

	if (nr < 1 || nr > RINGS_MAX || !gt || sock < 0 || !inet_aton(argv[2], &to.sin_addr)) {
		fprintf(stderr, "usage: break-ring DOMID ADDRESS GRANT...\n");
		return EXIT_FAILURE;
	}
	for (int i = 0; i < nr; i++) {
		rings[i] = xengnttab_map_grant_ref(gt, (uint32_t)strtoul(argv[1], NULL, 10),
						   (uint32_t)strtoul(argv[3 + i], NULL, 10),
						   PROT_READ | PROT_WRITE);
		if (!rings[i]) {
			perror("break-ring");
			return EXIT_FAILURE;
		}
	}
	for (int time = 0; time < TIMES; time++) {
		for (int i = 0; i < nr; i++)
			rings[i]->req_prod = rings[i]->rsp_prod + FAR_AHEAD;
		send_frames(sock, &to);
		nanosleep(&pause, NULL);
	}
	xengnttab_close(gt);
	return EXIT_SUCCESS;
}
