// Encodes or decodes header blocks with Go's HPACK: "hpack encode" or "hpack decode", JSON from stdin to stdout.
//
// The input is a list of stories, each a list of steps that share their compression state. A step sets the table's size
// ("sizes", one after the other) and has "fields" to encode or a "block" in hex to decode. The output is the same list, of
// blocks in hex or of lists of fields. Strings have one code point per octet.
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/net/http2/hpack"
)

type field struct {
	Name      string `json:"name"`
	Value     string `json:"value"`
	Sensitive bool   `json:"sensitive"`
}

type step struct {
	Sizes  []uint32 `json:"sizes"`
	Fields []field  `json:"fields"`
	Block  string   `json:"block"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "hpack:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	work := map[string]func([]step) (any, error){"encode": encode, "decode": decode}
	if len(args) != 1 || work[args[0]] == nil {
		return fmt.Errorf("usage: hpack encode|decode")
	}
	var stories [][]step
	if err := json.NewDecoder(os.Stdin).Decode(&stories); err != nil {
		return err
	}
	out := make([]any, 0, len(stories))
	for i, story := range stories {
		done, err := work[args[0]](story)
		if err != nil {
			return fmt.Errorf("story %d: %w", i, err)
		}
		out = append(out, done)
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func encode(story []step) (any, error) {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	blocks := make([]string, 0, len(story))
	for _, one := range story {
		block.Reset()
		for _, size := range one.Sizes {
			encoder.SetMaxDynamicTableSizeLimit(size)
			encoder.SetMaxDynamicTableSize(size)
		}
		for _, f := range one.Fields {
			if err := encoder.WriteField(hpack.HeaderField{
				Name: octets(f.Name), Value: octets(f.Value), Sensitive: f.Sensitive,
			}); err != nil {
				return nil, err
			}
		}
		blocks = append(blocks, hex.EncodeToString(block.Bytes()))
	}
	return blocks, nil
}

func decode(story []step) (any, error) {
	decoder := hpack.NewDecoder(4096, nil)
	lists := make([][]field, 0, len(story))
	for i, one := range story {
		for _, size := range one.Sizes {
			decoder.SetAllowedMaxDynamicTableSize(size)
		}
		block, err := hex.DecodeString(one.Block)
		if err != nil {
			return nil, err
		}
		decoded, err := decoder.DecodeFull(block)
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", i, err)
		}
		list := make([]field, 0, len(decoded))
		for _, f := range decoded {
			list = append(list, field{text(f.Name), text(f.Value), f.Sensitive})
		}
		lists = append(lists, list)
	}
	return lists, nil
}

// octets makes one octet of each code point.
func octets(text string) string {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		out = append(out, byte(r))
	}
	return string(out)
}

// text makes one code point of each octet.
func text(octets string) string {
	out := make([]rune, 0, len(octets))
	for i := range len(octets) {
		out = append(out, rune(octets[i]))
	}
	return string(out)
}
