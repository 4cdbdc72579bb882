#ifndef PROGRAMS_NIX_ERROR_H
#define PROGRAMS_NIX_ERROR_H
/*
 * What Nix says is wrong, without how it got there. It prints, in the form of its version, "error: ..." and
 * positions, excerpts of the source and a trace before or after it; the reason is in the last line that begins
 * so, and in the few that follow it.
 */
#define NIX_ERROR_SIZE 400

struct nix_error {
	char text[NIX_ERROR_SIZE]; /* one line; "" as long as there was none */
	unsigned lines;            /* that are still taken */
};

/* Reads the next line that Nix printed. */
void nix_error_line(struct nix_error *error, const char *line);
#endif
