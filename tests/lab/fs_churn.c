// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A busy time for a file system: processes that create, write, truncate, allocate,
 * punch, rename, link, sync and unlink files beside and against one another, in
 * no order. Each 8 bytes of a file are zero or say whose they are and where, so
 * data that is lost, old, or somebody else's is seen when it is read.
 *
 *   fs-churn DIR SECONDS [PROCESSES [SEED]]   churns; the files stay
 *   fs-churn --check DIR                      reads all of them
 *
 * Exit status 1: something is wrong, and it has been said what. ENOSPC is
 * no error.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FILES 48	       /* names, for all processes together */
#define FILE_MAX (1u << 20)    /* bytes */
#define CHUNK_MAX (256u << 10) /* of one write */
#define PLACE_BITS 24	       /* of a word: which 8 bytes of the file; above: whose */

static uint64_t state;
static uint64_t nr_done, nr_full;

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static void wrong(const char *what, const char *name, uint64_t at)
{
	fprintf(stderr, "fs-churn: %s: %s at %llu\n", name, what, (unsigned long long)at);
	exit(1);
}

/* Others are at work on the same names, and there is only so much room. */
static void expect(int ret, const char *what, const char *name)
{
	if (ret >= 0) {
		nr_done++;
	} else if (errno == ENOSPC || errno == EDQUOT) {
		nr_full++;
	} else if (errno != ENOENT && errno != EEXIST && errno != EMLINK) {
		fprintf(stderr, "fs-churn: %s: %s: %s\n", name, what, strerror(errno));
		exit(1);
	}
}

static void pick(char *name)
{
	snprintf(name, 32, "d%u/f%u", (unsigned int)draw(4), (unsigned int)draw(FILES));
}

/* A file belongs to who has made it: the inode's number, which no other file has. */
static uint64_t owner_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		wrong(strerror(errno), "fstat", 0);
	return (uint64_t)st.st_ino + 1;
}

static void check_words(const char *name, const uint64_t *words, size_t nr, uint64_t at,
			uint64_t owner)
{
	for (size_t i = 0; i < nr; i++) {
		uint64_t place = at / 8 + i;

		if (words[i] != 0 && words[i] != (owner << PLACE_BITS | place))
			wrong(words[i] >> PLACE_BITS == (owner & (UINT64_MAX >> PLACE_BITS))
				      ? "data of another place"
				      : "data of another file",
			      name, at + i * 8);
	}
}

static void read_file(const char *name)
{
	static uint64_t words[CHUNK_MAX / 8];
	int fd = open(name, O_RDONLY);
	uint64_t at = 0, owner;
	ssize_t len;

	expect(fd, "open", name);
	if (fd < 0)
		return;
	owner = owner_of(fd);
	while ((len = pread(fd, words, sizeof(words), (off_t)at)) > 0) {
		check_words(name, words, (size_t)len / 8, at, owner);
		at += (uint64_t)len;
	}
	if (len < 0)
		wrong(strerror(errno), name, at);
	close(fd);
}

static void write_file(const char *name)
{
	static uint64_t words[CHUNK_MAX / 8];
	int fd = open(name, O_RDWR | O_CREAT | (draw(8) == 0 ? O_SYNC : 0), 0644);
	uint64_t at, len = 8 * (1 + draw(CHUNK_MAX / 8)), owner;

	expect(fd, "open", name);
	if (fd < 0)
		return;
	owner = owner_of(fd);
	at = 8 * draw((FILE_MAX - len) / 8);
	for (uint64_t i = 0; i < len / 8; i++)
		words[i] = owner << PLACE_BITS | (at / 8 + i);
	expect((int)pwrite(fd, words, len, (off_t)at), "write", name);
	if (draw(4) == 0)
		expect(draw(2) ? fsync(fd) : fdatasync(fd), "sync", name);
	close(fd);
}

/* In whole words, so that none is torn. */
static void shape_file(const char *name)
{
	int fd = open(name, O_RDWR);
	off_t at = (off_t)(8 * draw(FILE_MAX / 8)), len = (off_t)(8 * (1 + draw(CHUNK_MAX / 8)));
	int ret = 0;

	expect(fd, "open", name);
	if (fd < 0)
		return;
	switch (draw(4)) {
	case 0:
		ret = ftruncate(fd, at);
		break;
	case 1:
		ret = fallocate(fd, 0, at, len);
		break;
	case 2:
		ret = fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, at, len);
		break;
	case 3:
		ret = fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_ZERO_RANGE, at, len);
		break;
	}
	expect(ret, "truncate or fallocate", name);
	close(fd);
}

static void move_file(const char *name)
{
	char other[32];

	pick(other);
	switch (draw(4)) {
	case 0:
		expect(unlink(name), "unlink", name);
		break;
	case 1:
		expect(link(name, other), "link", name);
		break;
	default:
		expect(rename(name, other), "rename", name);
		break;
	}
}

/* A directory of one's own, and a few files in it. */
static void make_and_remove(unsigned int number)
{
	char dir[32], name[64];

	snprintf(dir, sizeof(dir), "own%u", number);
	expect(mkdir(dir, 0755), "mkdir", dir);
	for (unsigned int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "%s/%u", dir, i);
		write_file(name);
	}
	for (unsigned int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "%s/%u", dir, i);
		read_file(name);
		expect(unlink(name), "unlink", name);
	}
	expect(rmdir(dir), "rmdir", dir);
}

static void churn(unsigned int number, unsigned int seconds)
{
	time_t end = time(NULL) + (time_t)seconds;
	char name[32];

	while (time(NULL) < end) {
		uint64_t what = draw(100);

		pick(name);
		if (what < 40)
			write_file(name);
		else if (what < 60)
			read_file(name);
		else if (what < 80)
			shape_file(name);
		else if (what < 98)
			move_file(name);
		else
			make_and_remove(number);
	}
	printf("process %u: %llu done, %llu without room\n", number, (unsigned long long)nr_done,
	       (unsigned long long)nr_full);
	exit(0);
}

static int churn_all(unsigned int seconds, unsigned int processes, uint64_t seed)
{
	int status, failed = 0;
	char dir[32];

	for (unsigned int i = 0; i < 4; i++) {
		snprintf(dir, sizeof(dir), "d%u", i);
		expect(mkdir(dir, 0755), "mkdir", dir);
	}
	fflush(stdout);
	for (unsigned int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			wrong(strerror(errno), "fork", i);
		state = (seed + i + 1) * 0x9e3779b97f4a7c15ull;
		if (pid == 0)
			churn(i, seconds);
	}
	while (wait(&status) > 0)
		failed |= status;
	return failed ? 1 : 0;
}

static int check_all(void)
{
	unsigned int nr = 0;
	char dir[32], name[320];

	for (unsigned int i = 0; i < 4; i++) {
		struct dirent *entry;
		DIR *d;

		snprintf(dir, sizeof(dir), "d%u", i);
		d = opendir(dir);
		if (!d)
			wrong(strerror(errno), dir, 0);
		while ((entry = readdir(d))) {
			snprintf(name, sizeof(name), "%s/%s", dir, entry->d_name);
			if (entry->d_name[0] == 'f') {
				read_file(name);
				nr++;
			}
		}
		closedir(d);
	}
	printf("%u files are as they should be\n", nr);
	return nr > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	bool check = argc == 3 && strcmp(argv[1], "--check") == 0;

	if (argc < 3 || argc > 5) {
		fprintf(stderr, "usage: fs-churn DIR SECONDS [PROCESSES [SEED]] | --check DIR\n");
		return 2;
	}
	if (chdir(argv[check ? 2 : 1]) < 0) {
		perror(argv[check ? 2 : 1]);
		return 1;
	}
	if (check)
		return check_all();
	return churn_all((unsigned int)atoi(argv[2]), argc > 3 ? (unsigned int)atoi(argv[3]) : 4,
			 argc > 4 ? strtoull(argv[4], NULL, 10) : 1);
}
