# The results of one command as a line of TAP, and how to see each violation again. Read are the
# points that it has, then what came of all: "reached POINT", "missed POINT", "judged POINT", and
# "violation POINT: text".
FILENAME == ARGV[1] { expected++; next }
$2 != command && $2 != command ":" { next }
$1 == "judged" && $3 == "undisturbed" { next }
$1 == "judged" { judged++; next }
$1 == "missed" { missed++; next }
$1 == "reached" && NF == 4 { killed++; next }
$1 == "reached" { failed++; next }
{
	violations++
	sub(/^violation /, "")
	point = $0
	sub(/:.*/, "", point)
	told = told "# " $0 "\n#   again: tests/kills/run " point "\n"
}

END {
	lost = expected - missed - killed - failed
	if (expected - judged > lost)
		lost = expected - judged
	# A call more or less in a second run is no wonder, many are: then the points were not tried.
	ok = expected && !violations && !lost && missed * 10 <= expected
	printf "%s - %s: %d kill points", ok ? "ok" : "not ok", command, killed
	if (failed)
		printf ", %d failing calls", failed
	if (missed)
		printf ", %d not reached", missed
	if (lost)
		printf ", %d without a result", lost
	printf ", %d violations\n%s", violations, told
}
