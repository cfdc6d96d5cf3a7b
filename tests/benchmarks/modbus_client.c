/* The fastest plain reader there is: a libmodbus loop.

   modbus_client PORT UNIT SECONDS START:COUNT...

   Reads the blocks in turn as holding registers for SECONDS and prints "reads seconds cpu_seconds". */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1e-6 * (used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int main(int count, char **words) {
    if (count < 5) return 2;
    modbus_t *line = modbus_new_tcp("127.0.0.1", atoi(words[1]));
    uint16_t registers[MODBUS_MAX_READ_REGISTERS];
    if (!line || modbus_set_slave(line, atoi(words[2])) || modbus_connect(line)) {
        fprintf(stderr, "%s\n", modbus_strerror(errno));
        return 1;
    }
    double cpu_at = cpu(), began = now(), until = began + atof(words[3]);
    long reads = 0;
    while (now() < until)
        for (int i = 4; i < count; i++, reads++) {
            int start, size;
            if (sscanf(words[i], "%d:%d", &start, &size) != 2 ||
                modbus_read_registers(line, start, size, registers) != size) {
                fprintf(stderr, "%s: %s\n", words[i], modbus_strerror(errno));
                return 1;
            }
        }
    printf("%ld %f %f\n", reads, now() - began, cpu() - cpu_at);
    return 0;
}
