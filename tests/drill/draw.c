#include "draw.h"

/* splitmix64 (Steele, Lea, Flood 2014): small, fast and good enough to draw lots. */
uint64_t draw_next(struct draw *draw)
{
	uint64_t value = draw->state += UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

void draw_init(struct draw *draw, uint64_t seed, uint64_t stream)
{
	draw->state = seed * UINT64_C(0x2545f4914f6cdd1d) + stream;
	draw->state = draw_next(draw) ^ (stream << 32);
}

uint64_t draw_below(struct draw *draw, uint64_t bound)
{
	return draw_next(draw) % bound; /* the bias is of no matter here */
}

int64_t draw_between(struct draw *draw, int64_t minimum, int64_t maximum)
{
	return minimum + (int64_t)draw_below(draw, (uint64_t)(maximum - minimum) + 1);
}

bool draw_chance(struct draw *draw, unsigned in_a_thousand)
{
	return draw_below(draw, 1000) < in_a_thousand;
}
