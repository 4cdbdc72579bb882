#include "fleet/setting_table.h"

#include <ctype.h>
#include <string.h>

#include "base/decimal.h"
#include "base/memory.h"
#include "base/number.h"
#include "cloud/hetzner/hetzner.h"
#include "fleet/settings.h"
#include "instance/hours.h"

#define WORD(a)      #a
#define DIGITS(a)    WORD(a)
#define LETTERS      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define NAME_LENGTH  31 /* at most */
#define TOKEN_LENGTH 40 /* letters and digits in a row, at least: Hetzner's have 64 */

static const char *const accesses[] = { "root", "commands", NULL };
static const char *const clouds[] = { "hetzner", "hcloud", NULL };

#define AT(member) .offset = offsetof(struct settings, member)

#define SIZE(index, size, types_of_it)                                                                                 \
	[SETTING_SIZES + SETTINGS_OF_A_SIZE * (index)] = { "size " size,                                               \
							   "types",                                                    \
							   NULL,                                                       \
							   NULL,                                                       \
							   NULL,                                                       \
							   types_of_it,                                                \
							   "the server types ordered for it, in this order; unless "   \
							   "said, the type itself, then "                              \
							   "what is as large, cheapest first",                         \
							   AT(sizes[index].types),                                     \
							   .kind = KIND_NAMES },                                       \
					      [SETTING_SIZES + SETTINGS_OF_A_SIZE * (index) +                          \
						      1] = { "size " size,                                             \
							     "hourly-ceiling",                                         \
							     NULL,                                                     \
							     NULL,                                                     \
							     NULL,                                                     \
							     "0.02",                                                   \
							     "nothing dearer an hour is ordered for it; net, in the "  \
							     "account's currency, without the IPv4 address",           \
							     AT(sizes[index].hourly_ceiling),                          \
							     .kind = KIND_PRICE },                                     \
					      [SETTING_SIZES + SETTINGS_OF_A_SIZE * (index) +                          \
						      2] = { "size " size,                                             \
							     "monthly-ceiling",                                        \
							     NULL,                                                     \
							     NULL,                                                     \
							     NULL,                                                     \
							     "12.50",                                                  \
							     "nothing dearer a month is ordered for it; likewise",     \
							     AT(sizes[index].monthly_ceiling),                         \
							     .kind = KIND_PRICE }

/* clang-format off */
const struct setting_spec settings_table[SETTINGS_COUNT] = {
	[SETTING_LOCATIONS] = {
		"orders", "locations", "CCC_LOCATIONS", "provision --location", "fsn1, nbg1, hel1", NULL,
		"Hetzner's locations in which servers are ordered, in the order to be tried",
		AT(locations), .kind = KIND_NAMES },
	[SETTING_MAX_SERVERS] = {
		"orders", "max-servers", "CCC_MAX_SERVERS", NULL, NULL, "20",
		"no more servers than that at once: another order is refused; unless said, as many as Hetzner allows",
		AT(max_servers), 1, 100000, .kind = KIND_NUMBER },
	[SETTING_MINIMUM_HOURS] = {
		"orders", "minimum-hours", "CCC_MINIMUM_HOURS", NULL, "1", NULL,
		"the fewest hours that an order or an extension may have",
		AT(minimum_hours), 1, HOURS_MAXIMUM, .kind = KIND_NUMBER },
	[SETTING_MAXIMUM_HOURS] = {
		"orders", "maximum-hours", "CCC_MAXIMUM_HOURS", NULL, DIGITS(HOURS_MAXIMUM), NULL,
		"the most hours that an order or an extension may have",
		AT(maximum_hours), 1, HOURS_MAXIMUM, .kind = KIND_NUMBER },
	SIZE(0, "cpx11", "cpx11, cx23"),
	SIZE(1, "cpx21", "cpx21, cx33"),
	SIZE(2, "cpx31", "cpx31, cx43"),
	[SETTING_BOX] = {
		"machines", "box", "CCC_BOX", NULL, CCC_DEFAULT_BOX, NULL,
		"folder of the box: a default.nix that takes instanceFile and gives toplevel and diskoScript",
		AT(box), .kind = KIND_PATH },
	[SETTING_KEXEC] = {
		"machines", "kexec", "CCC_KEXEC", NULL, NULL, "/var/lib/ccc-kexec.tar.gz",
		"installer for nixos-anywhere; unless said, each machine downloads one",
		AT(kexec), .kind = KIND_PATH },
	[SETTING_KEXEC_SHA256] = {
		"machines", "kexec-sha256", "CCC_KEXEC_SHA256", NULL, NULL,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"the digest that file has to have: another is refused before anything is paid for, and before it is used",
		AT(kexec_sha256), .kind = KIND_DIGEST },
	[SETTING_IMAGE] = {
		"machines", "image", "CCC_IMAGE", NULL, "debian-12", NULL,
		"Hetzner's image that a server starts with, until NixOS is installed",
		AT(image), .kind = KIND_NAME },
	[SETTING_OPERATOR_ACCESS] = {
		"machines", "operator-access", "CCC_OPERATOR_ACCESS", NULL, "root", NULL,
		"what new machines give the operator: a shell as root, or only the commands that ccc needs",
		AT(operator_access), .choices = accesses, .kind = KIND_CHOICE },
	[SETTING_CLOUD] = {
		"api", "cloud", "CCC_CLOUD", NULL, "hetzner", NULL,
		"how Hetzner is asked: by its REST API, or by the program hcloud, whose context has the token",
		AT(cloud), .choices = clouds, .kind = KIND_CHOICE },
	[SETTING_HTTP_TIMEOUT] = {
		"api", "http-timeout", "CCC_HTTP_TIMEOUT", NULL, "30", NULL,
		"seconds that one request may take; what can be asked again safely is, several times",
		AT(http_timeout), 1, 600, .kind = KIND_NUMBER },
	[SETTING_ENDPOINT] = {
		NULL, NULL, "HCLOUD_ENDPOINT", NULL, HETZNER_ENDPOINT, NULL,
		"another endpoint than Hetzner's, with its path",
		AT(endpoint), .kind = KIND_TEXT },
};
/* clang-format on */

enum setting setting_find(const char *section, const char *name)
{
	for (enum setting i = 0; i < SETTINGS_COUNT; i++)
		if (settings_table[i].name && strcmp(settings_table[i].section, section) == 0 &&
		    strcmp(settings_table[i].name, name) == 0)
			return i;
	return SETTINGS_COUNT;
}

bool setting_has_section(const char *section)
{
	for (enum setting i = 0; i < SETTINGS_COUNT; i++)
		if (settings_table[i].section && strcmp(settings_table[i].section, section) == 0)
			return true;
	return false;
}

static bool is_in(const struct arguments *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

bool setting_read_names(const char *value, struct arguments *ret)
{
	static const char separators[] = ", \t";
	while (*(value += strspn(value, separators))) {
		char name[NAME_LENGTH + 1];
		size_t length = strcspn(value, separators);
		if (length > NAME_LENGTH || strspn(value, LETTERS "-") < length || ret->count == NAMES_MAXIMUM)
			return false;
		for (size_t i = 0; i < length; i++)
			name[i] = (char)tolower((unsigned char)value[i]);
		name[length] = '\0';
		if (is_in(ret, name))
			return false;
		arguments_add(ret, name);
		value += length;
	}
	return ret->count > 0;
}

int setting_choice(const struct setting_spec *spec, const char *value)
{
	for (int i = 0; spec->choices[i]; i++)
		if (strcmp(spec->choices[i], value) == 0)
			return i;
	return -1;
}

static bool is_text(const char *value)
{
	for (const char *byte = value; *byte; byte++)
		if (iscntrl((unsigned char)*byte))
			return false;
	return *value != '\0';
}

bool setting_is_valid(const struct setting_spec *spec, const char *value)
{
	AUTO_ARGUMENTS struct arguments names = ARGUMENTS_INIT;
	struct error ignored = ERROR_INIT;
	int64_t amount;
	switch (spec->kind) {
	case KIND_TEXT:
	case KIND_PATH:
		return is_text(value);
	case KIND_NAME:
		return *value && strspn(value, LETTERS "-.") == strlen(value) && !setting_looks_secret(value);
	case KIND_DIGEST:
		return strlen(value) == 64 && strspn(value, "0123456789abcdefABCDEF") == 64;
	case KIND_NUMBER:
		return number_parse(value, spec->minimum, spec->maximum, "", &amount, &ignored) == 0;
	case KIND_PRICE:
		return decimal_parse(value, PRICE_PLACES, &amount) && amount > 0;
	case KIND_NAMES:
		return setting_read_names(value, &names);
	case KIND_CHOICE:
		return setting_choice(spec, value) >= 0;
	}
	return false;
}

void setting_add_expectation(const struct setting_spec *spec, struct text *ret)
{
	static const char *const words[] = {
		[KIND_TEXT] = "text without control characters",
		[KIND_PATH] = "an absolute path",
		[KIND_NAME] = "a name of letters, digits, '-' and '.'",
		[KIND_DIGEST] = "64 hex digits, as sha256sum prints them",
		[KIND_NUMBER] = "a whole number from ",
		[KIND_PRICE] = "an amount above 0, as 12.50",
		[KIND_NAMES] = "different names of letters, digits and '-', with commas between them, at most ",
		[KIND_CHOICE] = "",
	};
	text_add_string(ret, words[spec->kind]);
	if (spec->kind == KIND_NUMBER)
		text_addf(ret, "%lld to %lld", (long long)spec->minimum, (long long)spec->maximum);
	else if (spec->kind == KIND_NAMES)
		text_addf(ret, "%d", NAMES_MAXIMUM);
	for (int i = 0; spec->kind == KIND_CHOICE && spec->choices[i]; i++)
		text_addf(ret, "%s'%s'", i ? " or " : "", spec->choices[i]);
}

bool setting_looks_secret(const char *value)
{
	for (size_t length; *value; value += length + (value[length] != '\0')) {
		length = strspn(value, LETTERS);
		if (length >= TOKEN_LENGTH)
			return true;
	}
	return false;
}

bool setting_is_named_secret(const char *name)
{
	static const char *const words[] = { "token", "secret", "passw", "credential", "api-key", "api_key", "apikey" };
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}
