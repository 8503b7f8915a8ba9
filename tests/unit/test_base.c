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
#include "bad_keys.h"

static void numbers_are_taken_strictly(void **state)
{
	static const char *const wrong[] = {
		"", " 1", "1 ", "+1", "-1", "0x10", "1.0", "x", "1\n", "--",
	};
	uint64_t value = 7;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(num_u64(wrong[i], 0, UINT64_MAX, &value), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_keys); i++) {
		if (strlen(bad_keys[i].value) != bad_keys[i].len)
			continue; /* has a NUL, and ends before its end */
		assert_true(num_u64(bad_keys[i].value, 0, UINT64_MAX, &value) < 0);
	}
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

/* Around each power of two at which a narrower type would wrap. */
static void numbers_keep_their_value_at_every_width(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} cases[] = {
		{ "0", 0 },
		{ "127", INT8_MAX },
		{ "128", INT8_MAX + 1 },
		{ "255", UINT8_MAX },
		{ "256", UINT8_MAX + 1 },
		{ "32767", INT16_MAX },
		{ "32768", INT16_MAX + 1 },
		{ "65535", UINT16_MAX },
		{ "65536", UINT16_MAX + 1 },
		{ "2147483647", INT32_MAX },
		{ "2147483648", INT32_MAX + 1ull },
		{ "4294967295", UINT32_MAX },
		{ "4294967296", UINT32_MAX + 1ull },
		{ "9223372036854775807", INT64_MAX },
		{ "9223372036854775808", INT64_MAX + 1ull },
		{ "18446744073709551615", UINT64_MAX },
		{ "00000000000000000000000000000000000000000000018446744073709551615", UINT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t want = cases[i].value, u64 = ~want;
		uint32_t u32 = 7;

		assert_int_equal(num_u64(cases[i].text, want, want, &u64), 0);
		assert_true(u64 == want);
		assert_int_equal(num_u32(cases[i].text, 0, UINT32_MAX, &u32),
				 want <= UINT32_MAX ? 0 : -ERANGE);
		assert_int_equal(u32, want <= UINT32_MAX ? want : 7);
		if (want < UINT64_MAX)
			assert_int_equal(num_u64(cases[i].text, want + 1, UINT64_MAX, &u64),
					 -ERANGE);
		if (want > 0)
			assert_int_equal(num_u64(cases[i].text, 0, want - 1, &u64), -ERANGE);
	}
}

static void booleans_are_zero_or_one(void **state)
{
	bool value = false;

	assert_int_equal(num_bool("1", &value), 0);
	assert_true(value);
	assert_int_equal(num_bool("0", &value), 0);
	assert_false(value);
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
	assert_memory_equal(mac, want, 6);
}

/* Every character in every place: six pairs of digits, and colons between. */
static void mac_address_has_a_digit_or_a_colon_in_each_place(void **state)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	for (unsigned int at = 0; at < 17; at++)
		for (unsigned int c = 1; c < 256; c++) {
			char text[] = "00:16:3e:76:c6:56";
			bool good = at % 3 == 2 ? c == ':' : strchr(digits, (int)c) != NULL;
			uint8_t mac[6];

			text[at] = (char)c;
			assert_int_equal(num_mac(text, mac), good ? 0 : -EINVAL);
		}
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
	assert_int_equal(budget_available(&b, 80, NS_PER_SEC * 2 / 5), 40);
	assert_int_equal(budget_available(&b, 80, NS_PER_SEC * 3 / 5), 50);
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

/* Tokens that come every three nanoseconds and a third. */
static void budget_looked_at_often_gives_no_more(void **state)
{
	uint64_t sum = 0, t;
	struct budget b;

	budget_init(&b, 300000000, 10, 0);
	budget_spend(&b, 10);
	for (t = 0; t <= 1000000; t += 4) {
		uint64_t n = budget_available(&b, 10, t);

		budget_spend(&b, n);
		sum += n;
		assert_true(sum == t * 3 / 10);
	}
}

static void budget_fills_a_part_in_more_than_a_second(void **state)
{
	struct budget b;

	budget_init(&b, 1, 100, 0);
	budget_spend(&b, 100);
	assert_int_equal(budget_available(&b, 80, 5 * NS_PER_SEC / 2), 2);
	assert_int_equal(budget_wait_ns(&b, 1), 0);
	assert_int_equal(budget_wait_ns(&b, 2), 0);
	assert_int_equal(budget_wait_ns(&b, 3), NS_PER_SEC / 2);
	assert_int_equal(budget_available(&b, 80, 3 * NS_PER_SEC), 3); /* half a token was kept */
	assert_int_equal(budget_available(&b, 80, 1), 3); /* time does not go backwards */
	assert_int_equal(budget_wait_ns(&b, 1000), 97 * NS_PER_SEC);
}

static void budget_is_exact_over_hundreds_of_years(void **state)
{
	struct budget b;

	budget_init(&b, UINT64_MAX, UINT64_MAX, 0);
	budget_spend(&b, UINT64_MAX);
	assert_true(budget_available(&b, UINT64_MAX, NS_PER_SEC / 2) == UINT64_MAX / 2);
	assert_true(budget_available(&b, UINT64_MAX, UINT64_MAX) == UINT64_MAX);
	budget_spend(&b, 1);
	budget_spend(&b, UINT64_MAX); /* more than there is: all of it */
	assert_int_equal(budget_available(&b, 1, UINT64_MAX), 0);
}

static void budget_without_rate_is_no_limit(void **state)
{
	struct budget b;

	budget_init(&b, 0, 0, 0);
	budget_spend(&b, 12345);
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
		cmocka_unit_test(numbers_keep_their_value_at_every_width),
		cmocka_unit_test(booleans_are_zero_or_one),
		cmocka_unit_test(mac_addresses),
		cmocka_unit_test(mac_address_has_a_digit_or_a_colon_in_each_place),
		cmocka_unit_test(budget_fills_with_time_up_to_the_burst),
		cmocka_unit_test(budget_keeps_fractions_of_a_token),
		cmocka_unit_test(budget_looked_at_often_gives_no_more),
		cmocka_unit_test(budget_fills_a_part_in_more_than_a_second),
		cmocka_unit_test(budget_is_exact_over_hundreds_of_years),
		cmocka_unit_test(budget_without_rate_is_no_limit),
		cmocka_unit_test(message_carries_descriptors),
		cmocka_unit_test(message_of_another_length_is_refused_and_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
