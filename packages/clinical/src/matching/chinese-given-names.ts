/**
 * Characters of given names by sound. A line: Hong Kong's usual spelling, pinyin, characters (traditional and simplified). Compiled by hand
 * for this project from general knowledge of common names; a missing character costs recall, never safety.
 */
const LINES = `
man wen 文雯紋纹汶聞闻
man min 敏
man wan 曼
man min 民
man wan 萬万
ming ming 明銘铭鳴鸣名
wai wei 偉伟威維维衛卫為为慰薇瑋玮煒炜唯
wai hui 惠慧蕙
wing yong 永泳詠咏
wing rong 榮荣
wing ying 穎颖
kit jie 傑杰潔洁
ka jia 家嘉佳加
chi zhi 志智芝之知至致
chi zi 子梓
tsz zi 子梓紫芷
tze zi 子
ho hao 浩豪皓昊灝灏
ho he 賀贺荷
hei xi 希熙曦喜
yan xin 欣昕忻
yan en 恩
yan ren 仁
yan yin 茵因
yan xin 忻
yin yan 妍燕嫣言彥彦然
yin xian 賢贤
ling ling 玲靈灵鈴铃齡龄凌
ling ling 嶺岭令
mei mei 美媚
mei wei 微
mui mei 梅
fong fang 芳方
fung feng 鳳凤鋒锋峰豐丰楓枫
wah hua 華华驊骅
wa hua 華华
kwok guo 國国
keung qiang 強强
kin jian 健建堅坚
kwong guang 光廣广
hung hong 雄洪鴻鸿虹紅红
hung xiong 雄
tak de 德
tai da 大
tai tai 泰
tat da 達达
sing cheng 成誠诚城
sing sheng 盛聖圣
shing cheng 成誠诚城
shing sheng 勝胜盛聖圣
sing xing 星
kam jin 金錦锦
kam qin 琴
kuen juan 娟
kuen quan 權权
yuk yu 玉育旭
yuk yu 煜
yuet yue 月悅悦越
yee yi 怡宜儀仪兒儿義义懿
yi yi 怡宜儀仪意義义
yi er 兒儿
suk shu 淑
sau xiu 秀
sau shou 壽寿
lai li 麗丽莉
lai li 勵励黎
lan lan 蘭兰
lin lian 蓮莲憐连連
lok le 樂乐
lok luo 洛
chun jun 俊駿骏進进
chun jin 進进晉晋
chun zhen 振
chun chun 春
chun zhen 珍真鎮镇
chan zhen 珍
ching qing 青清晴靜静
ching jing 靜静晶菁
ching zheng 正政
ching cheng 程澄
chung zhong 忠中仲宗
chung cong 聰聪
ping ping 平萍
ping bing 冰炳兵
pui pei 佩沛培
po bao 寶宝保
pak bai 柏
san xin 新
san shan 山珊
shan shan 珊姍姗
shuk shu 淑
siu xiao 小曉晓筱肖
siu shao 少兆
sum xin 心芯
sam xin 心芯
sum shen 深
sze si 思詩诗斯
sze shi 詩诗仕士
si si 思
sin xian 仙善
sin shan 善
shun shun 順顺舜
shun xin 信
hoi hai 海
hoi kai 凱凯愷恺開开
hin xuan 軒轩
hin xian 顯显
hang heng 恆恒衡
hang xing 行
ha xia 夏霞
him qian 謙谦
hiu xiao 曉晓
hok xue 學学
hon han 漢汉翰
hon kan 侃
hong kang 康
heung xiang 香
hing qing 慶庆卿
hing xing 興兴
hau hou 厚
hau xiao 孝
kei qi 琪淇祺麒基奇其
kei ji 基紀纪
ki qi 琪淇祺其
kai ji 繼继
kai qi 啟启
kiu qiao 嬌娇喬乔
kiu jiao 嬌娇
king jing 景敬瓊琼
king qiong 瓊琼
kuk ju 菊
kwan jun 君軍军鈞钧
kwan kun 坤昆
kwai gui 貴贵桂
koon guan 冠觀观
lam lin 林琳霖
lap li 立
leung liang 良亮
lik li 力
lun lun 倫伦
lung long 龍龙隆
luk lu 祿禄
lai li 禮礼
long lang 朗
long liang 亮
mau mao 茂
mo wu 武
muk mu 木沐
nam nan 男南楠
nga ya 雅
ngai yi 藝艺毅
ngan yan 雁
nin nian 年
ning ning 寧宁
oi ai 愛爱
on an 安
pang peng 鵬鹏
po bo 波
pong bang 邦
sang sheng 生
suet xue 雪
sun chen 辰晨臣
sun xun 迅
tim tian 甜
tin tian 天田
ting ting 婷庭廷亭
to tao 濤涛桃
tong tang 棠堂
tung dong 東东冬棟栋
tung tong 彤桐同
wan yun 雲云韻韵蘊
wan wan 婉
wan hong 宏
wang hong 宏泓
woon huan 歡欢
wong wang 旺煌
wong huang 煌
woon wan 婉
wu hu 湖
yat yi 一日逸
yat ri 日
yau you 友有佑祐
yiu yao 耀堯尧瑤瑶
ying ying 英瑩莹盈迎瑛鷹
yim yan 艷艳
yip ye 業业
yu yu 宇雨羽瑜裕譽
yu ru 如茹
yue yu 宇瑜如愉
yuen yuan 源遠远園园元
yuen wan 婉
yung rong 容蓉
yung yong 勇雍
cheuk zhuo 卓
cheuk chuo 綽绰
cheung xiang 祥
cheung chang 昌暢畅
cheung zhang 彰
chiu zhao 昭照
chiu chao 超潮
choi cai 才財财彩
choi sai 賽
chor chu 楚
chow zhou 洲
chu zhu 珠
chui cui 翠
chuen quan 全泉
chuen chuan 川
cho zuo 祖
cho zu 祖
fai hui 輝辉暉晖
fan fan 凡帆
fan fen 芬
fat fa 發发
fei fei 飛飞菲
fu fu 富夫福
fuk fu 福
fun huan 歡欢
ki ji 基
lui lei 蕾
lei li 理
mong meng 夢梦
see shi 詩诗
shek shi 石
sheung shuang 雙双霜
sheung xiang 湘
shu shu 書书樹树
sik shi 適适
tsun jun 俊駿骏
tsun jin 進晉
tsz zhi 芷
yeung yang 洋陽阳揚扬
yeuk ruo 若
`;

const soundsOf = new Map<string, Set<string>>();
const cantoneseOf = new Map<string, Set<string>>();
const mandarinOf = new Map<string, Set<string>>();
for (const line of LINES.trim().split("\n")) readLine(line);

/**
 * One key for the spellings of a Cantonese syllable that are only a matter of system: tsz/tze/chi, wah/wa, yee/yi, choi/choy, po/bo,
 * kwan/gwan, yue/yu. Coarse on purpose: what shares a key is a variant to look at, not the same name.
 */
export function syllableKey(syllable: string): string {
  return syllable
    .replace(/^(tsz|tze|tzu|szu|sze)$/, (whole) => (whole.startsWith("s") ? "si" : "chi"))
    .replace(/^(ts|tz|dz|z|c(?!h)|ch)/, "ch")
    .replace(/^(gw|qu|kw)/, "kw")
    .replace(/^(sh|s)/, "s")
    .replace(/^b/, "p")
    .replace(/^d/, "t")
    .replace(/^g/, "k")
    .replace(/^ye(?=e$)|^yi/, "yi")
    .replace(/yie$/, "yi")
    .replace(/ah$/, "a")
    .replace(/oh$|ou$|or$/, "o")
    .replace(/oo/, "u")
    .replace(/ee$/, "i")
    .replace(/oy$/, "oi")
    .replace(/ay$/, "ai")
    .replace(/ow$/, "au")
    .replace(/ue(?=n$|$)/, "u")
    .replace(/aa/, "a")
    .replace(/(?:oe|eo)(?=ng$|k$)/, "eu");
}

/** Whether the syllable is one that the table knows, in either romanisation. */
export function isNameSyllable(syllable: string): boolean {
  return cantoneseOf.has(syllableKey(syllable)) || mandarinOf.has(syllable);
}

/**
 * Whether two names can be one, syllable by syllable: a character and its reading, two spellings of one Cantonese reading, or, all through the
 * name, Cantonese on one side and Mandarin on the other with a character that is read so. Names of different length cannot.
 */
export function canBeSameSyllables(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  return READINGS.some((isAlike) => a.every((syllable, index) => isAlike(syllable, b[index] ?? "")));
}

/** One system of romanisation for the whole name: Yan is 妍 in one and 欣 in the other, which does not make Yin of it. */
const READINGS: readonly ((a: string, b: string) => boolean)[] = [
  (a, b) => isWritten(a, b) ?? syllableKey(a) === syllableKey(b),
  (a, b) => isWritten(a, b) ?? isReadAlike(a, b),
  (a, b) => isWritten(a, b) ?? isReadAlike(b, a),
];

/** Whether a character is the other or is read so; `undefined` when neither is a character. */
function isWritten(a: string, b: string): boolean | undefined {
  const left = soundsOf.get(a);
  const right = soundsOf.get(b);
  if (left !== undefined && right !== undefined) return toTraditional(a) === toTraditional(b);
  if (left !== undefined) return left.has(b) || left.has(syllableKey(b));
  if (right !== undefined) return right.has(a) || right.has(syllableKey(a));
  return undefined;
}

function isReadAlike(cantonese: string, mandarin: string): boolean {
  const characters = cantoneseOf.get(syllableKey(cantonese));
  const others = mandarinOf.get(mandarin);
  return characters !== undefined && others !== undefined && [...characters].some((character) => others.has(character));
}

/** The Cantonese reading of a character, in Hong Kong's spelling, for the keys of an index. */
export function romaniseCharacter(han: string): string | undefined {
  return soundsOf.get(han)?.values().next().value;
}

/** The syllables of a name written as one word (`taiman`), when it can be cut into two or three that the table knows. */
export function cutIntoSyllables(word: string): readonly string[] | undefined {
  for (let first = 1; first < word.length; first += 1) {
    const head = word.slice(0, first);
    const rest = word.slice(first);
    if (isNameSyllable(head) && isNameSyllable(rest)) return [head, rest];
  }
  return undefined;
}

const SIMPLIFIED =
  "文文偉伟傑杰國国強强華华榮荣詠咏潔洁維维衛卫銘铭鳴鸣麗丽蘭兰蓮莲樂乐駿骏進进靜静聰聪寶宝詩诗順顺凱凯軒轩顯显謙谦曉晓漢汉慶庆興兴嬌娇瓊琼軍军貴贵倫伦龍龙禮礼寧宁愛爱鵬鹏濤涛東东棟栋雲云韻韵歡欢耀耀瑤瑶瑩莹艷艳業业遠远園园權权鳳凤鋒锋鴻鸿紅红達达誠诚聖圣勝胜錦锦悅悦儀仪兒儿義义勵励連连學学康康輝辉暉晖發发飛飞夢梦雙双書书樹树適适陽阳揚扬賢贤彥彦廣广堅坚鈴铃靈灵嶺岭齡龄賀贺灝灏驊骅萬万紋纹聞闻穎颖瑋玮煒炜豐丰楓枫壽寿鎮镇晉晋愷恺開开紀纪繼继啟启喬乔鈞钧觀观祿禄藝艺堯尧譽誉綽绰暢畅財财陳陈黃黄張张吳吴劉刘鄭郑葉叶楊杨鄧邓馮冯許许謝谢羅罗蘇苏趙赵孫孙呂吕盧卢關关歐欧區区鍾钟麥麦韓韩湯汤溫温蕭萧鄺邝簡简嚴严顏颜龔龚馬马陸陆駱骆畢毕貝贝顧顾勞劳單单閻阎車车韋韦蔣蒋錢钱鄒邹聶聂諸诸遲迟賴赖譚谭樓楼";
const traditionalOf = new Map<string, string>(
  [...SIMPLIFIED].flatMap((character, index, all) => (index % 2 === 1 ? [[character, all[index - 1] ?? ""]] : [])),
);

/** The name with the simplified characters that the table knows made traditional, so that 陈伟 and 陳偉 compare as the same. */
export function toTraditional(han: string): string {
  return [...han].map((character) => traditionalOf.get(character) ?? character).join("");
}

function readLine(line: string): void {
  const [cantonese = "", pinyin = "", han = ""] = line.split(" ");
  const key = syllableKey(cantonese);
  for (const character of han) {
    put(soundsOf, character, cantonese, key, pinyin);
    put(cantoneseOf, key, character);
    put(mandarinOf, pinyin, character);
  }
}

function put(sets: Map<string, Set<string>>, key: string, ...values: readonly string[]): void {
  const set = sets.get(key) ?? new Set();
  for (const value of values) set.add(value);
  sets.set(key, set);
}
