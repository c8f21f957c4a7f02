// Checks a log as the Go toolchain's own transparency-log code understands it.
//
//	main LOG_FOLDER VERIFIER_KEY CHECKPOINT [OLD_CHECKPOINT]
//
// Reads "index event" lines (event as base64) from stdin and prints what it accepted; whatever it refuses ends it with 1.
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"validahub.test/sumdb/note"
	"validahub.test/sumdb/tlog"
)

// tiles reads the tiles of a folder, by the names of C2SP tlog-tiles: Go's own, without the height.
type tiles struct{ folder string }

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(t.folder, "tile", path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func refuse(err error) {
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}

func open(path string, verifier note.Verifier) tlog.Tree {
	text, err := os.ReadFile(path)
	refuse(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	refuse(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		refuse(fmt.Errorf("origin %q", lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	refuse(err)
	hash, err := tlog.ParseHash(lines[2])
	refuse(err)
	return tlog.Tree{N: size, Hash: hash}
}

func main() {
	verifier, err := note.NewVerifier(os.Args[2])
	refuse(err)
	tree := open(os.Args[3], verifier)
	reader := tlog.TileHashReader(tree, tiles{os.Args[1]})
	if tree.N > 0 {
		root, err := tlog.TreeHash(tree.N, reader)
		refuse(err)
		if root != tree.Hash {
			refuse(fmt.Errorf("root %v", root))
		}
	}
	if len(os.Args) > 4 {
		old := open(os.Args[4], verifier)
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		refuse(err)
		refuse(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
		fmt.Printf("extends %d %d", old.N, tree.N)
		for _, hash := range proof {
			fmt.Printf(" %s", hash)
		}
		fmt.Println()
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		field := strings.Fields(lines.Text())
		index, err := strconv.ParseInt(field[0], 10, 64)
		refuse(err)
		event, err := base64.StdEncoding.DecodeString(field[1])
		refuse(err)
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		refuse(err)
		refuse(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(event)))
		fmt.Printf("includes %d", index)
		for _, hash := range proof {
			fmt.Printf(" %s", hash)
		}
		fmt.Println()
	}
	fmt.Printf("accepted %d\n", tree.N)
}
