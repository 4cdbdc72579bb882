#include "core/catalogue.h"

const char catalogue_announced[] = "2025-10-16T00:00:00Z";
const char catalogue_unavailable_after[] = "2025-12-31T23:59:59Z";

const struct location_row catalogue_locations[] = {
	{ 1, "fsn1", "Falkenstein DC Park 1", "DE", "Falkenstein", "eu-central", 50.47612, 12.370071 },
	{ 2, "nbg1", "Nuremberg DC Park 1", "DE", "Nuremberg", "eu-central", 49.452102, 11.076665 },
	{ 3, "hel1", "Helsinki DC Park 1", "FI", "Helsinki", "eu-central", 60.169855, 24.938379 },
	{ 4, "ash", "Ashburn, VA", "US", "Ashburn, VA", "us-east", 39.045821, -77.487073 },
	{ 5, "hil", "Hillsboro, OR", "US", "Hillsboro, OR", "us-west", 45.54222, -122.951924 },
	{ 6, "sin", "Singapore", "SG", "Singapore", "ap-southeast", 1.283333, 103.833333 },
};
const size_t catalogue_location_count = sizeof(catalogue_locations) / sizeof(catalogue_locations[0]);

/* clang-format off */
#define EU(cents)         { "fsn1", cents, false }, { "nbg1", cents, false }, { "hel1", cents, false }
#define EU_ENDED(cents)   { "fsn1", cents, true }, { "nbg1", cents, true }, { "hel1", cents, true }
#define US(cents)         { "ash", cents, false }, { "hil", cents, false }
#define SINGAPORE(cents)  { "sin", cents, false }

#define SHARED    "shared", "Cost-Optimized"
#define REGULAR   "shared", "Regular Performance"
#define DEDICATED "dedicated", "General Purpose"

const struct type_row catalogue_types[] = {
	/* The first CPX generation: ended in Europe, still sold in the United States. */
	{ 22, "cpx11", "CPX 11", 2, 2, 40, "x86", REGULAR, false, { EU_ENDED(1099), US(1749) } },
	{ 23, "cpx21", "CPX 21", 3, 4, 80, "x86", REGULAR, false, { EU_ENDED(1999), US(3349) } },
	{ 24, "cpx31", "CPX 31", 4, 8, 160, "x86", REGULAR, false, { EU_ENDED(3699), US(6149) } },
	{ 25, "cpx41", "CPX 41", 8, 16, 240, "x86", REGULAR, false, { EU_ENDED(6999), US(11449) } },
	{ 26, "cpx51", "CPX 51", 16, 32, 360, "x86", REGULAR, false, { EU_ENDED(13999), US(22949) } },

	{ 45, "cax11", "CAX11", 2, 4, 40, "arm", SHARED, false, { EU(599) } },
	{ 93, "cax21", "CAX21", 4, 8, 80, "arm", SHARED, false, { EU(1049) } },
	{ 94, "cax31", "CAX31", 8, 16, 160, "arm", SHARED, false, { EU(2099) } },
	{ 95, "cax41", "CAX41", 16, 32, 320, "arm", SHARED, false, { EU(4099) } },

	{ 96, "ccx13", "CCX13 Dedicated CPU", 2, 8, 80, "x86", DEDICATED, false, { EU(4299), US(4299), SINGAPORE(5299) } },
	{ 97, "ccx23", "CCX23 Dedicated CPU", 4, 16, 160, "x86", DEDICATED, false, { EU(8599), US(8599), SINGAPORE(10599) } },
	{ 98, "ccx33", "CCX33 Dedicated CPU", 8, 32, 240, "x86", DEDICATED, false, { EU(17199), US(17199), SINGAPORE(21199) } },
	{ 99, "ccx43", "CCX43 Dedicated CPU", 16, 64, 360, "x86", DEDICATED, false, { EU(34399), US(34399), SINGAPORE(42399) } },
	{ 100, "ccx53", "CCX53 Dedicated CPU", 32, 128, 600, "x86", DEDICATED, false, { EU(68799), US(68799), SINGAPORE(84799) } },
	{ 101, "ccx63", "CCX63 Dedicated CPU", 48, 192, 960, "x86", DEDICATED, false, { EU(103199), US(103199), SINGAPORE(127199) } },

	{ 104, "cx22", "CX22", 2, 4, 40, "x86", SHARED, true, { EU_ENDED(379) } },
	{ 105, "cx32", "CX32", 4, 8, 80, "x86", SHARED, true, { EU_ENDED(680) } },
	{ 106, "cx42", "CX42", 8, 16, 160, "x86", SHARED, true, { EU_ENDED(1640) } },
	{ 107, "cx52", "CX52", 16, 32, 320, "x86", SHARED, true, { EU_ENDED(3240) } },

	{ 108, "cpx12", "CPX 12", 1, 2, 40, "x86", REGULAR, false, { EU(1149), SINGAPORE(1549) } },
	{ 109, "cpx22", "CPX 22", 2, 4, 80, "x86", REGULAR, false, { EU(1949), SINGAPORE(2649) } },
	{ 110, "cpx32", "CPX 32", 4, 8, 160, "x86", REGULAR, false, { EU(3549), SINGAPORE(4749) } },
	{ 111, "cpx42", "CPX 42", 8, 16, 320, "x86", REGULAR, false, { EU(6949), SINGAPORE(9349) } },
	{ 112, "cpx52", "CPX 52", 12, 24, 480, "x86", REGULAR, false, { EU(9949), SINGAPORE(13349) } },
	{ 113, "cpx62", "CPX 62", 16, 32, 640, "x86", REGULAR, false, { EU(12949), SINGAPORE(17349) } },

	{ 114, "cx23", "CX23", 2, 4, 40, "x86", SHARED, false, { EU(549) } },
	{ 115, "cx33", "CX33", 4, 8, 80, "x86", SHARED, false, { EU(849) } },
	{ 116, "cx43", "CX43", 8, 16, 160, "x86", SHARED, false, { EU(1599) } },
	{ 117, "cx53", "CX53", 16, 32, 320, "x86", SHARED, false, { EU(2949) } },
};
const size_t catalogue_type_count = sizeof(catalogue_types) / sizeof(catalogue_types[0]);

#define AUGUST_31_2026   1788134400
#define DECEMBER_1_2026 1796083200

/* The same name stands for two images, the x86 one first: a look-up by name takes the first. */
const struct image_row catalogue_images[] = {
	{ 45557056, "debian-11", "Debian 11", "debian", "11", "x86", AUGUST_31_2026, DECEMBER_1_2026 },
	{ 67794396, "ubuntu-22.04", "Ubuntu 22.04", "ubuntu", "22.04", "x86", 0, 0 },
	{ 103907373, "debian-11", "Debian 11", "debian", "11", "arm", AUGUST_31_2026, DECEMBER_1_2026 },
	{ 103908070, "ubuntu-22.04", "Ubuntu 22.04", "ubuntu", "22.04", "arm", 0, 0 },
	{ 114690387, "debian-12", "Debian 12", "debian", "12", "x86", 0, 0 },
	{ 114690389, "debian-12", "Debian 12", "debian", "12", "arm", 0, 0 },
	{ 161547269, "ubuntu-24.04", "Ubuntu 24.04", "ubuntu", "24.04", "x86", 0, 0 },
	{ 161547270, "ubuntu-24.04", "Ubuntu 24.04", "ubuntu", "24.04", "arm", 0, 0 },
	{ 310557660, "debian-13", "Debian 13", "debian", "13", "x86", 0, 0 },
	{ 310557661, "debian-13", "Debian 13", "debian", "13", "arm", 0, 0 },
	{ 319240730, "rocky-10", "Rocky Linux 10", "rocky", "10", "x86", 0, 0 },
	{ 319240731, "rocky-10", "Rocky Linux 10", "rocky", "10", "arm", 0, 0 },
	{ 328390212, "fedora-43", "Fedora 43", "fedora", "43", "x86", 0, 0 },
	{ 328390213, "fedora-43", "Fedora 43", "fedora", "43", "arm", 0, 0 },
};
/* clang-format on */
const size_t catalogue_image_count = sizeof(catalogue_images) / sizeof(catalogue_images[0]);
