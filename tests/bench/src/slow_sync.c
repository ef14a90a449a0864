/* Loaded before the C library: each sync takes as much longer as SYNC_DELAY_NS says. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static int slowly(const char *name, int file)
{
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *delay = getenv("SYNC_DELAY_NS");
    struct timespec rest = {0, delay ? atol(delay) : 0};
    int result = sync(file);
    nanosleep(&rest, NULL);
    return result;
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
