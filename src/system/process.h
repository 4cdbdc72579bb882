#ifndef SYSTEM_PROCESS_H
#define SYSTEM_PROCESS_H

/* Hides this process's memory: it leaves no core, also where the kernel pipes cores to a program
 * and no limit counts, and no other process of this user may read it. Programs that it starts get
 * the limit only. */
void process_hide(void);
#endif
