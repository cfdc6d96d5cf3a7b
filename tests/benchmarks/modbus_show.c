/* Shows what a server holds, as libmodbus reads it.

   modbus_show PORT UNIT START COUNT [VALUE]

   Prints COUNT holding registers from START on, then the same as input registers. With VALUE it tries to write that
   to START instead and prints how the server refused. */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>

static void show(const uint16_t *registers, int count) {
    for (int i = 0; i < count; i++) printf("%d%c", registers[i], i + 1 < count ? ' ' : '\n');
}

int main(int count, char **words) {
    if (count < 5) return 2;
    modbus_t *line = modbus_new_tcp("127.0.0.1", atoi(words[1]));
    int start = atoi(words[3]), size = atoi(words[4]);
    uint16_t registers[MODBUS_MAX_READ_REGISTERS];
    if (!line || modbus_set_slave(line, atoi(words[2])) || modbus_connect(line)) {
        fprintf(stderr, "%s\n", modbus_strerror(errno));
        return 1;
    }
    if (count > 5) {
        if (modbus_write_register(line, start, atoi(words[5])) == 1) return 3;
        printf("%s\n", modbus_strerror(errno));
        return 0;
    }
    if (modbus_read_registers(line, start, size, registers) != size) goto refused;
    show(registers, size);
    if (modbus_read_input_registers(line, start, size, registers) != size) goto refused;
    show(registers, size);
    return 0;
refused:
    printf("%s\n", modbus_strerror(errno));
    return 1;
}
