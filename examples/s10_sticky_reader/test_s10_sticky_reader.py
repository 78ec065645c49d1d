"""S10: after a long answer the next one is residue, every time; read to its end, it is not."""

from support.lesson import Server, run

SERVER, CLIENT = "s10_sticky_reader_server", "s10_sticky_reader_client"


def test_the_effect_and_the_cure_side_by_side():
    with Server(SERVER, "--allow-commands") as server:
        for _ in range(3):  # no luck in it
            said = run(CLIENT, server.address, typed="true\nseq 1 2000\necho done\n").stdout
            assert said == ('$ true\n'
                            '  one recv(1024): would wait for ever, as nothing comes\n'
                            '  up to the end:  0 bytes: ""\n'
                            '$ seq 1 2000\n'
                            '  one recv(1024): 1024 bytes: "1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n9\\n10\\n11\\n"...\n'.replace('"...', '..."')
                            + '  up to the end:  8893 bytes: "1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n9\\n10\\n11\\n..."\n'
                            '  still lying in the way: 7869 bytes\n'
                            '$ echo done\n'
                            f'  one recv(1024): 1024 bytes: "{residue()}..."\n'
                            '                  1024 of them belong to an answer before\n'
                            '  up to the end:  5 bytes: "done\\n"\n'
                            '  still lying in the way: 6850 bytes\n')


def residue() -> str:
    text = "".join(f"{i}\n" for i in range(1, 2001))
    return text[1024:1048].replace("\n", "\\n")


def test_without_residue_both_agree():
    with Server(SERVER, "--allow-commands") as server:
        said = run(CLIENT, server.address, typed="echo one\n").stdout
        assert said.count('4 bytes: "one\\n"') == 2 and "in the way" not in said
