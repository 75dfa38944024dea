"""The words that guessing starts with, folded (lower case, no diacritics or spaces); digits behind them do not help."""

from __future__ import annotations

COMMON = frozenset(
    """
password passwd passw0rd passwords mypassword thepassword newpassword oldpassword password1 passwort motdepasse
contrasena senha pass word admin administrator root system sysadmin webmaster superuser superadmin manager operator
user username login signin guest test tester testing testtest demo default changeme changeit temp temporary
secret secrets letmein openup opensesame access access14 welcome welcomeback hello helloworld goodbye
iloveyou iloveu loveyou ilovevietnam lovely loveme lover forever together friends friendship family
qwerty qwertyuiop qwerty123 qwert qwerasdf asdfgh asdfghjkl asdf1234 asdfasdf zxcvbn zxcvbnm zaq12wsx qazwsx
qazwsxedc 1qaz2wsx 1q2w3e4r 1q2w3e4r5t q1w2e3r4 q1w2e3r4t5 1qazxsw2 qweasdzxc qwe123 qweqwe
abc abcd abcde abcdef abcdefg abcdefgh abc123 abcd1234 aabbcc a1b2c3d4 aa123456 a123456 a12345678
12345678 123456789 1234567890 0123456789 0987654321 987654321 87654321 11111111 00000000 88888888 66666666
12341234 12121212 11223344 147258369 123123123 123321123 112233445566 13579 246810 102030 123654789
dragon monkey tiger lion shadow master killer hunter ranger buster soccer football baseball basketball hockey
superman batman spiderman ironman starwars pokemon naruto onepiece doraemon pikachu minecraft fortnite liverpool
chelsea arsenal barcelona realmadrid manchester manutd ronaldo messi neymar juventus
sunshine princess flower butterfly rainbow summer winter spring autumn january february october november december
monday sunday birthday diamond golden silver purple orange yellow chocolate cookie banana cheese coffee
computer internet samsung iphone android google facebook youtube microsoft windows linux apple nokia sony toyota
honda yamaha mercedes ferrari porsche corvette mustang charlie michael jordan jennifer jessica michelle daniel
andrew thomas robert matthew joshua ashley nicole amanda elizabeth alexander william victoria
trustno1 whatever nothing freedom matrix maverick phoenix thunder lightning blessed jesus jesuschrist heaven angel
angels godisgood money million rich lucky luckycharm success victory winner champion
matkhau matkhaumoi matkhaucu matkhau1 matkhaucuatoi khongcomatkhau khongnho khongbiet quenmatkhau dangnhap taikhoan
nguoidung quantri quantrivien hethong congdan canbo congchuc vanthu lanhdao giamdoc chutich
vietnam vietnamvodich vietnamoi vietnamese hanoi saigon hochiminh thanhphohochiminh danang haiphong cantho hue nhatrang
quangnam quangngai binhdinh dalat vungtau phuquoc halong hoian myson bana bannahills caurong cauvang
anhyeuem emyeuanh yeuem yeuanh yeuemnhieu yeuanhnhieu anhnhoem emnhoanh toiyeuban toiyeuem toiyeuvietnam
yeumai yeumaimai mai mailaanh motminhanh tinhyeu tinhban hanhphuc giadinh giadinhtoi conyeu conyeume conyeubo
bome bomeyeucon meyeucon boyeucon meoi oimeoi chongyeu voyeu vochong gaugau gaubong meomeo conmeo conheo
hoahong hoaphuong hoasen hoamai hoadao bongda bongdavietnam sinhvien hocsinh giaovien thaygiao cogiao
nguyen nguyenvana tranvana levana phamvana nguyenthib nguyentran tuananh minhanh ngocanh phuonganh quynhanh
thanhtung thanhdat tiendat quanghuy quochuy ducanh hoanganh thuytrang thuthuy ngoclan hongnhung kimngan baongoc
khongco khongthequen buonqua buoncuoi vuive vuiqua codon codonqua dethuong dethuongqua xinhdep deptrai dep
chaoban xinchao camon tambiet hentoi toilaai toidayne oladay troioi oitroioi choioi
chinhphu chinhphudientu chinhquyen dichvucong dichvucongquocgia motcua uyban ubnd sotttt thongtin antin vneid
conmotngay ngaymoi nammoi chucmungnammoi tetvietnam tet2024 tet2025 tet2026
aaaaaaaa qqqqqqqq zzzzzzzz
""".split()
)
