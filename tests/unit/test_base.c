// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers, budgets and messages with descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/budget.h"
#include "base/fdmsg.h"
#include "base/num.h"
#include "base/util.h"

static void numbers_are_taken_strictly(void **state)
{
	static const char *const wrong[] = {
		"", " 1", "1 ", "+1", "-1", "0x10", "1.0", "x", "1\n", "--",
	};
	uint64_t value = 7;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(num_u64(wrong[i], 0, UINT64_MAX, &value), -EINVAL);
	assert_int_equal(value, 7);
	assert_int_equal(num_u64("18446744073709551615", 0, UINT64_MAX, &value), 0);
	assert_true(value == UINT64_MAX);
	assert_int_equal(num_u64("007", 0, 10, &value), 0);
	assert_int_equal(value, 7);
}

static void numbers_out_of_range_are_refused(void **state)
{
	uint64_t u64 = 7;
	uint32_t u32 = 7;

	assert_int_equal(num_u64("18446744073709551616", 0, UINT64_MAX, &u64), -ERANGE);
	assert_int_equal(num_u64("99999999999999999999", 0, UINT64_MAX, &u64), -ERANGE);
	assert_int_equal(num_u32("4294967296", 0, UINT32_MAX, &u32), -ERANGE);
	assert_int_equal(num_u32("0", 1, 8, &u32), -ERANGE);
	assert_int_equal(num_u32("9", 1, 8, &u32), -ERANGE);
	assert_int_equal(u32, 7);
	assert_int_equal(num_u32("8", 1, 8, &u32), 0);
	assert_int_equal(u32, 8);
}

static void booleans_are_zero_or_one(void **state)
{
	bool value = false;

	assert_int_equal(num_bool("1", &value), 0);
	assert_true(value);
	assert_int_equal(num_bool("true", &value), -EINVAL);
	assert_int_equal(num_bool("", &value), -EINVAL);
	assert_int_equal(num_bool("2", &value), -EINVAL);
}

static void mac_addresses(void **state)
{
	static const uint8_t want[6] = { 0x00, 0x16, 0x3e, 0x76, 0xc6, 0x56 };
	static const char *const wrong[] = {
		"",
		"00:16:3e:76:c6",
		"00:16:3e:76:c6:5",
		"00:16:3e:76:c6:56:",
		"00-16-3e-76-c6-56",
		"00:16:3e:76:c6:5g",
	};
	uint8_t mac[6];

	assert_int_equal(num_mac("00:16:3e:76:C6:56", mac), 0);
	assert_memory_equal(mac, want, 6);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(num_mac(wrong[i], mac), -EINVAL);
}

static void budget_fills_with_time_up_to_the_burst(void **state)
{
	struct budget b;

	budget_init(&b, 100, 50, 0);
	assert_int_equal(budget_available(&b, 80, 0), 50);
	budget_spend(&b, 50);
	assert_int_equal(budget_available(&b, 1, 0), 0);
	assert_int_equal(budget_wait_ns(&b, 1), NS_PER_SEC / 100);
	assert_int_equal(budget_available(&b, 80, NS_PER_SEC / 10), 10);
	assert_int_equal(budget_available(&b, 80, 3600 * NS_PER_SEC), 50);
}

static void budget_keeps_fractions_of_a_token(void **state)
{
	struct budget b;
	uint64_t got = 0;

	budget_init(&b, 3, 10, 0);
	budget_spend(&b, 10);
	for (uint64_t t = 0; t <= NS_PER_SEC; t += NS_PER_MS) {
		uint64_t n = budget_available(&b, 10, t);

		budget_spend(&b, n);
		got += n;
	}
	assert_int_equal(got, 3);
}

static void budget_without_rate_is_no_limit(void **state)
{
	struct budget b;

	budget_init(&b, 0, 0, 0);
	assert_int_equal(budget_available(&b, 12345, 0), 12345);
	assert_int_equal(budget_wait_ns(&b, 12345), 0);
}

static int make_pair(int pair[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair);
}

static void message_carries_descriptors(void **state)
{
	int pair[2], got[FDMSG_MAX_FDS], sent[2] = { 1, 2 };
	unsigned int nr = 99;
	char text[6];

	assert_int_equal(make_pair(pair), 0);
	assert_int_equal(fdmsg_send(pair[0], "hello", 6, sent, 2), 0);
	assert_int_equal(fdmsg_recv(pair[1], text, 6, got, &nr), 0);
	assert_string_equal(text, "hello");
	assert_int_equal(nr, 2);
	assert_true(fcntl(got[0], F_GETFD) & FD_CLOEXEC);
	close(got[0]);
	close(got[1]);
	close(pair[0]);
	assert_int_equal(fdmsg_recv(pair[1], text, 6, got, &nr), -EPIPE);
	close(pair[1]);
}

static void message_of_another_length_is_refused_and_leaks_nothing(void **state)
{
	int pair[2], got[FDMSG_MAX_FDS], fd = 1;
	unsigned int nr;
	char text[6];
	int next;

	assert_int_equal(make_pair(pair), 0);
	next = dup(1);
	close(next);
	assert_int_equal(fdmsg_send(pair[0], "hell", 4, &fd, 1), 0);
	assert_int_equal(fdmsg_recv(pair[1], text, 6, got, &nr), -EPROTO);
	assert_int_equal(fdmsg_send(pair[0], "hello world", 12, &fd, 1), 0);
	assert_int_equal(fdmsg_recv(pair[1], text, 6, got, &nr), -EPROTO);
	assert_int_equal(dup(1), next); /* the lowest free number is as before */
	/* cppcheck-suppress doubleFree; it is open again, by the dup() above */
	close(next);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_taken_strictly),
		cmocka_unit_test(numbers_out_of_range_are_refused),
		cmocka_unit_test(booleans_are_zero_or_one),
		cmocka_unit_test(mac_addresses),
		cmocka_unit_test(budget_fills_with_time_up_to_the_burst),
		cmocka_unit_test(budget_keeps_fractions_of_a_token),
		cmocka_unit_test(budget_without_rate_is_no_limit),
		cmocka_unit_test(message_carries_descriptors),
		cmocka_unit_test(message_of_another_length_is_refused_and_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
