/* A Modbus server by modbus-serial from npm, for tests: somebody else's reading of the protocol.

   node server.js tcp
   node server.js rtu DEVICE BAUD

   Standard input holds one register a line, "unit function address value", until its end; each unit has
   registers of its own. Then one line is printed: "ready PORT". It ends when it is killed, or after ten minutes. */
"use strict";
const fs = require("fs");
const net = require("net");
const ModbusRTU = require("modbus-serial");

const held = new Map();
for (const line of fs.readFileSync(0, "ascii").split("\n")) {
    const [unit, kind, address, value] = line.split(" ").map(Number);
    if (value !== undefined) held.set(`${unit} ${kind} ${address}`, value);
}
const vector = {
    getHoldingRegister: (address, unit) => held.get(`${unit} 3 ${address}`) || 0,
    getInputRegister: (address, unit) => held.get(`${unit} 4 ${address}`) || 0,
};

function free(then) {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
        const port = probe.address().port;
        probe.close(() => then(port));
    });
}

setTimeout(() => process.exit(), 600e3);
if (process.argv[2] === "rtu") {
    const line = new ModbusRTU.ServerSerial(vector, {
        port: process.argv[3], baudRate: Number(process.argv[4]), unitID: 255, interval: 5,
    });
    line.on("error", (error) => { console.error(String(error)); process.exit(1); });
    line.on("initialized", () => console.log("ready 0"));
} else {
    free((port) => {
        const server = new ModbusRTU.ServerTCP(vector, { host: "127.0.0.1", port, unitID: 255 });
        server.on("initialized", () => console.log(`ready ${port}`));
    });
}
