/* A Modbus server by libmodbus, for tests and benchmarks: somebody else's reading of the protocol.

   modbus_server tcp          listens on a free port of 127.0.0.1
   modbus_server rtu DEVICE BAUD UNIT

   Standard input holds one register a line, "function address value", until its end. Then one line is
   printed: "ready PORT". It ends when it is killed, or when its parent is gone for ten minutes. */
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static modbus_mapping_t *registers_from_input(void) {
    modbus_mapping_t *held = modbus_mapping_new(0, 0, 60000, 60000);
    unsigned function, address, value;
    while (held && scanf("%u %u %u", &function, &address, &value) == 3)
        if (address < 60000)
            (function == 3 ? held->tab_registers : held->tab_input_registers)[address] = (uint16_t)value;
    return held;
}

static int fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
    return 1;
}

static void answer_until_gone(modbus_t *line, modbus_mapping_t *held, int serial) {
    uint8_t question[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
        int size = modbus_receive(line, question);
        if (size > 0 && modbus_reply(line, question, size, held) < 0 && !serial) return;
        if (size < 0 && !serial) return;
        if (size < 0) modbus_flush(line);
    }
}

int main(int count, char **words) {
    alarm(600);
    modbus_mapping_t *held = registers_from_input();
    if (count > 4 && !strcmp(words[1], "rtu")) {
        modbus_t *line = modbus_new_rtu(words[2], atoi(words[3]), 'N', 8, 1);
        if (!line || modbus_set_slave(line, atoi(words[4])) || modbus_connect(line)) return fail(words[2]);
        printf("ready 0\n");
        fflush(stdout);
        answer_until_gone(line, held, 1);
    }
    modbus_t *line = modbus_new_tcp("127.0.0.1", 0);
    int listener = line ? modbus_tcp_listen(line, 4) : -1;
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    if (listener < 0 || getsockname(listener, (struct sockaddr *)&at, &size)) return fail("listen");
    printf("ready %d\n", ntohs(at.sin_port));
    fflush(stdout);
    while (modbus_tcp_accept(line, &listener) >= 0) {
        answer_until_gone(line, held, 0);
        modbus_close(line);
    }
    return fail("accept");
}
