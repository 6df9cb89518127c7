// Judges values by the code of thrift-gen-validator: "validator-verdicts" reads structs Case of rules.thrift from stdin, each
// a length of four bytes and Thrift binary, and writes a line for each: what IsValid said as JSON text, empty for nothing.
// A line that begins with "panic: " says that judging ended in one.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"updraft/interop/kitex_gen/rules"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "validator-verdicts:", err)
		os.Exit(1)
	}
}

func run() error {
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for {
		var length uint32
		if err := binary.Read(in, binary.BigEndian, &length); err == io.EOF {
			return out.Flush()
		} else if err != nil {
			return err
		}
		bytes := make([]byte, length)
		if _, err := io.ReadFull(in, bytes); err != nil {
			return err
		}
		value := rules.NewCase()
		if _, err := value.FastRead(bytes); err != nil {
			return err
		}
		if err := lines.Encode(judge(value)); err != nil {
			return err
		}
	}
}

func judge(value *rules.Case) (said string) {
	defer func() {
		if reason := recover(); reason != nil {
			said = fmt.Sprint("panic: ", reason)
		}
	}()
	if err := value.IsValid(); err != nil {
		return err.Error()
	}
	return ""
}
